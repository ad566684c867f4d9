"""Runs command lines in the unmodified Azure CLI, one after another in one process.

Each line of stdin is a JSON object; each line of stdout is one with the answer.

    {"args": [...]}                 a command line: code, out, err, and the result
                                    in each format, by the program's own formatters
    {"args": [...], "apart": true}  the same, where threads go on printing
    {"args": [...], "keys": [...]}  the same at a terminal, where somebody waits for
                                    each first word and types the second: code, out
    {"program": [...], "args", "keys", "env": [...]}   another program at a terminal

It saves the second or two that Python needs to start, and nothing else: every line
gets a new instance of the program.
"""
import copy
import io
import json
import logging
import os
import pty
import select
import sys
import termios
import time
import struct
import fcntl

lines, answers = sys.stdin, sys.stdout
from azure.cli.core import get_default_cli, telemetry  # noqa: E402
from azure.cli.core.command_recommender import CommandRecommender  # noqa: E402
from knack.output import OutputProducer, _TableOutput  # noqa: E402

# There is no service on the internet to ask; what the program knows itself remains.
CommandRecommender._disable_aladdin_service = lambda self: True

shown = {}
print_result = OutputProducer.out


def out(self, obj, formatter=None, out_file=None):
    for name in ('json', 'tsv', 'table', 'yaml', 'jsonc', 'yamlc'):
        result = copy.copy(obj)
        result.result = copy.deepcopy(obj.result)
        hidden = list(_TableOutput.SKIP_KEYS)
        try:
            shown[name] = OutputProducer._FORMAT_DICT[name](result)
        except Exception as ex:
            shown[name] = 'ERROR: ' + str(ex) + '\n'
        _TableOutput.SKIP_KEYS = hidden
    print_result(self, obj, formatter, out_file)


OutputProducer.out = out


def invoke(args, **more):
    _TableOutput.SKIP_KEYS = ['id', 'type', 'etag']  # one command changes it for good
    for name in ('cli', 'az', None):
        logging.getLogger(name).handlers.clear()
    try:
        return get_default_cli().invoke(args, **more) or 0
    except SystemExit as ex:
        return ex.code if isinstance(ex.code, int) else int(ex.code is not None)
    except BaseException as ex:  # the program itself would end with a traceback
        print(repr(ex), file=sys.stderr)
        return 1


def plainly(args):
    shown.clear()
    out, err = io.StringIO(), io.StringIO()
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(), out, err
    code = invoke(args, out_file=out)
    return {'code': code, 'out': out.getvalue(), 'err': err.getvalue(), 'formats': shown}


def apart(args):
    """Runs a line in a process of its own: it leaves threads behind that print."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        with os.fdopen(writer, 'w') as answer:
            json.dump(plainly(args), answer)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        result = json.load(answer)
    os.waitpid(pid, 0)
    return result


def child(row):
    if 'program' in row:
        program = row['program']
        os.execve(program[0], program + row['args'], dict(kv.split('=', 1) for kv in row['env']))
    sys.stdin, sys.stdout, sys.stderr = lines, answers, open(2, 'w', buffering=1)
    answers.reconfigure(line_buffering=True)
    OutputProducer.out = print_result
    code = invoke(row['args'])
    answers.flush()
    sys.stderr.flush()
    os._exit(code)


def at_terminal(row):
    pid, side = pty.fork()
    if pid == 0:
        time.sleep(0.05)  # until the window has its size
        child(row)
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 120, 0, 0))
    screen, keys, at, limit = b'', list(row['keys'] or []), 0, time.time() + 60
    while time.time() < limit:
        if not select.select([side], [], [], 1)[0]:
            continue
        try:
            data = os.read(side, 65536)
        except OSError:
            break  # nobody has the terminal any more
        if not data:
            break
        screen += data
        while keys and keys[0][0].encode() in screen[at:]:
            wait, text = keys.pop(0)
            at = screen.index(wait.encode(), at) + len(wait)
            time.sleep(0.1)
            os.write(side, text.encode())
    else:
        os.kill(pid, 9)
    os.close(side)
    status = os.waitpid(pid, 0)[1]
    return {'code': os.waitstatus_to_exitcode(status), 'out': screen.decode(errors='replace'), 'err': ''}


for line in lines:
    row = json.loads(line)
    if 'keys' in row:
        answer = at_terminal(row)
    elif row.get('apart'):
        answer = apart(row['args'])
    else:
        answer = plainly(row['args'])
    answers.write(json.dumps(answer) + '\n')
    answers.flush()
