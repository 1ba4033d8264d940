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

A word that no list has is compared with those of the vocabulary. One slip is forgiven in a word
of six letters or more, a harmless one (swapped, doubled) from four on, two from nine. The first
letter has to be right or swapped with the second, and several trigrams have to agree, so that
what nobody ever called anything stays unknown.

The confidence is that of the leading word, times its clearness and its lead over the second
dimension; a misspelt word has 0.7 of it. It passes 0.95 only if no word is left unknown and all
that say something lead to the same dimension. The explanation names what adds most to the
leading dimension, and to the second one where that is close: a word of the name, one of the
goal, or the category.
"""

from domain.lexicon.engine import rate

__all__ = ["rate"]
