"""Runs command lines in the unmodified Azure CLI, one after another in one process.

Each line of stdin is a JSON list of arguments; each line of stdout is a JSON
object with code, out and err. It saves the second or two that Python needs to
start, and nothing else: every line gets a new instance of the program.
"""
import io
import json
import logging
import sys

lines, answers = sys.stdin, sys.stdout
from azure.cli.core import get_default_cli  # noqa: E402

for line in lines:
    out, err = io.StringIO(), io.StringIO()
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(), out, err
    from knack.output import _TableOutput
    _TableOutput.SKIP_KEYS = ['id', 'type', 'etag']  # one command changes it for good
    for name in ('cli', 'az'):
        logging.getLogger(name).handlers.clear()
    code = 0
    try:
        cli = get_default_cli()
        code = cli.invoke(json.loads(line), out_file=out)
    except SystemExit as ex:
        code = ex.code if isinstance(ex.code, int) else int(ex.code is not None)
    except BaseException as ex:  # the program itself would end with a traceback
        print(repr(ex), file=err)
        code = 1
    answers.write(json.dumps({'code': code or 0, 'out': out.getvalue(), 'err': err.getvalue()}) + '\n')
    answers.flush()
