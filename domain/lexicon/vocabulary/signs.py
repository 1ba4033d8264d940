"""Emoji that say what is done, and endings that tell the kind of a word nobody listed."""

from typing import Final

EMOJI: Final = """
physique 3:
🏃 🏋 🚴 🏊 🧗 🏄 🤸 ⚽ 🏀 🏈 🎾 🏐 🏓 🏸 🥊 🥋 ⛷ 🏂 🚣 🤾 🚶 🥾 💪 🏅 🤺 🏇 ⛹ 🏌 🛹 🚲 🏆 🏒 🏏 ⚾
physique 2 creativity 1:
💃 🕺 🩰
energy 3:
🧘 😴 🛌 💤 🛁 🚿 🍎 🥗 🍽 💊 💧 🏥 🩺 🦷 🪥 🧖 🙏 ☕ 🍵 🥦 🌿 🛏 🧴 🍳 🥣 😌 💆
logic 3:
💻 📚 📖 🧮 📊 📈 🔬 🧠 ♟ 🧩 🎓 📐 🖥 🔧 🛠 📝 🧪 📅 💰 🗂 🐛 🐍 📓 🔢 💼
creativity 3:
🎨 🎸 🎹 🎻 🎵 🎶 🎤 🎼 🥁 🎷 🎺 📷 📸 🎬 🧶 🧵 🪡 🖌 🖍 ✍ 🎭 🖋 🧁 🎂 🪕 💡 ✏ 🪚
creativity 2 energy 1:
🍕 🍰
social 3:
👪 👫 👭 👬 👶 📞 ☎ 🤝 💬 🎉 🥳 ❤ 💕 👵 👴 🗣 👥 🤗 🎲 🍻 💑 🫂 📱 👩 👧
"""

LATIN_ENDINGS: Final = """
physique 2:
ball boarding athlon jitsu gymnastics surfing skating climbing lifting sport boxing
energy 2:
therapy therapie pathy bathing sleep
logic 2:
ology ologie ological nomics nomy metrics ometry ematics analysis script studies informatics lang logy
dynamics statics sudoku prüfung wissenschaft kunde
creativity 2:
craft crafts graphy graphie painting drawing making carving writing stitch instrument music design weaving
sculpture
social 2:
party treffen fest feier meetup
"""

PERSIAN_ENDINGS: Final = """
physique 2:
سواری نوردی پیمایی ورزی رانی اندازی گردی
energy 2:
درمانی تراپی
logic 2:
شناسی خوانی متری یابی سنجی پژوهی
creativity 2:
نوازی سازی دوزی بافی نویسی تراشی سرایی پزی نگاری ارایی گری پردازی زنی
social 2:
داری همی یاری
"""
