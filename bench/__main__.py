"""`python -m bench [WORD]`: the measured cases, or those whose name contains the word.

One line per case, separated by tabs: name, median, unit, database queries, budget, `ok` or `over`. Exit status 1 when a
case is over its budget. The data are built once and kept, in a database of their own under the installation's `var/`.
"""

import hashlib
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def folder() -> Path:
    """Where the data are kept: another place whenever the tables or the data themselves are made otherwise."""
    digest = hashlib.sha256()
    for path in [HERE / "data.py", HERE / "reviews_data.py", *sorted(HERE.parent.glob("*/migrations/*.py"))]:
        digest.update(path.read_bytes())
    var_dir = Path(os.environ.get("FC_VAR_DIR", HERE.parent / "var"))
    return var_dir / "bench" / digest.hexdigest()[:12]


def main() -> int:
    place = folder()
    (place / "static").mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "familycentre.settings",
        "FC_VAR_DIR": str(place),
        "DATABASE_URL": f"sqlite:///{place / 'bench.sqlite3'}",
        "FC_STATICFILES_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
    }
    for name in ("FC_PRODUCTION", "DJANGO_DEBUG", "CACHE_URL"):
        os.environ.pop(name, None)
    import django  # the settings are read from the environment that was just made

    django.setup()
    from bench import cases, data, reviews, reviews_data

    data.build()
    reviews_data.build()
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    over = False
    for result in cases.run(word, [*cases.CASES, *reviews.CASES]):
        print(result, flush=True)
        over = over or result.is_over
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
