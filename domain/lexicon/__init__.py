"""Rates from words: a curated vocabulary decides what an activity is about, offline.

A subject is scored in each dimension *d* and its scores are blended into rates:

    score_d = activity_d + goal_d / 4 + prior_d
    rate_d  = budget × (0.10 + 0.50 × score_d^1.5 / Σ score^1.5)

`activity_d` and `goal_d` come from the words of the names. A clear word weighs 3, a weak one
1. The head of a name counts in full: the last noun, in Persian the first, or a leading verb
such as *fixing*. Other words of the same part count 0.6 or less, and what follows a word such
as *about*, *for* or *after* from 0.75 down to 0.2. A misspelt word counts 0.8, a part of a
compound 0.75 or less. No name scores above 3.

`prior_d` is what the category says: at most 1.5, spread like its row of the table in
`domain.rates`; that of the goal's category, used when the activity's is unknown, is half of
that. So it settles what the words leave open, and a clear word beats it.

If no word is known, the row of the category is the answer, and without one the balanced row.
A name of one clear dimension thus earns 60 % in it and 10 % in each other, always within the
same budget.
"""

from domain.lexicon.engine import rate

__all__ = ["rate"]
