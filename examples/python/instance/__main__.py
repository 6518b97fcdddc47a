"""`python -m instance`. Exit status: 0 told to end, 1 failed, 2 wrong settings, 3 fenced: §9."""

import asyncio
import os
import sys

from .life import FAILED, Life
from .log import Log
from .settings import WrongSetting, read_settings

WRONG_SETTINGS = 2


def main() -> int:
    try:
        settings = read_settings(os.environ)
    except WrongSetting as wrong:
        print(wrong, file=sys.stderr)
        return WRONG_SETTINGS
    log = Log(settings.service, settings.name)

    async def live() -> int:
        return await Life(settings, log).run()

    try:
        return asyncio.run(live())
    except Exception as error:
        log.failed(error)
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
