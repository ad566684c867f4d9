"""Prints rows of commands.txt (see cli/az/command) as the installed az 2.74 knows them.

Usage: PYTHONPATH=~/.cache/lazuli/az-2.74/root/usr/lib/python3/dist-packages \
           python3 commands.py "acr" "keyvault secret set" ...

Each argument is a command or the beginning of several. What is printed is a
beginning: leave out what the built-in az does not do.
"""
import re, sys, warnings
warnings.simplefilter("ignore")
from azure.cli.core import get_default_cli
from azure.cli.core.file_util import create_invoker_and_load_cmds_and_args, get_all_help
cli=get_default_cli()

from azure.cli.core.commands.arm import register_global_subscription_argument, register_ids_argument
from knack import events
cli.raise_event(events.EVENT_CLI_PRE_EXECUTE)
inv=cli.invocation_cls(cli_ctx=cli, commands_loader_cls=cli.commands_loader_cls, parser_cls=cli.parser_cls, help_cls=cli.help_cls)
cli.invocation=inv
L=inv.commands_loader
L.load_command_table(None)
mods=('acr','keyvault','container','ad','role','group','deployment','resource','tag','lock','identity','account','login','logout','cloud','configure','config','rest','version','provider')
for k in list(L.command_table):
    if k.split()[0] not in mods: del L.command_table[k]

for k in list(L.cmd_to_loader_map):
    if k.split()[0] not in mods: del L.cmd_to_loader_map[k]
L.skip_applicability=True
L.command_name=''
L.load_arguments()
inv.parser.cli_ctx=cli
inv.parser.load_command_table(L)
tbl=cli.invocation.commands_loader.command_table
mods=('acr','keyvault','container','ad','role','group','deployment','resource','tag','lock','identity','account','login','logout','cloud','configure','config','rest','version','provider')
helps={}
from azure.cli.core._help import CliGroupHelpFile
for h in get_all_help(cli, skip=False):
    if h.command.split(' ')[0] in mods: helps[h.command]=h
res={}
for name,cmd in tbl.items():
    if name.split()[0] not in mods: continue
    args=[]
    for an,a in cmd.arguments.items():
        s=a.type.settings
        ch=s.get('choices'); 
        try: ch=[str(x) for x in ch] if ch is not None else None
        except Exception: ch=None
        act=s.get('action')
        opts=[]
        for o in (s.get('options_list') or a.options_list or []):
            opts.append(o if isinstance(o,str) else ('~'+getattr(o,'target','?')))
        d=s.get('default')
        args.append(dict(name=an,dest=s.get('dest'),opts=opts,nargs=s.get('nargs'),required=bool(s.get('required')),choices=ch,default=(None if d is None else str(getattr(d,'value',d))),action=(act if isinstance(act,str) else getattr(act,'__name__',None)),id=s.get('id_part'),config=s.get('configured_default'),type=getattr(s.get('type'),'__name__',None),group=s.get('arg_group'),help=str(s.get('help')) if s.get('help') is not None else None,dep=bool(s.get('deprecate_info')),ign=(s.get('help')=='==SUPPRESS==')))
    h=helps.get(name)
    res[name]=dict(args=args,confirm=cmd.confirmation if isinstance(cmd.confirmation,(bool,str)) else bool(cmd.confirmation),nowait=bool(cmd.supports_no_wait or cmd.no_wait_param),short=getattr(h,'short_summary',None),long=getattr(h,'long_summary',None),
      ph={ (p.name_source[0] if p.name_source else p.name):(p.short_summary or '') for p in (h.parameters if h is not None and hasattr(h,'parameters') else [])},
      ex=[( (getattr(e,'short_summary',None) or getattr(e,'name','')), (getattr(e,'command',None) or getattr(e,'text',''))) for e in (h.examples if h is not None else [])], dep=bool(cmd.deprecate_info), tt=bool(cmd.table_transformer))
groups={k:getattr(h,'short_summary','') for k,h in helps.items() if isinstance(h,CliGroupHelpFile)}
C, G = res, groups
def clean(s): return re.sub(r'\s+',' ',(s or '').strip())
def sel(name):
    for p in sys.argv[1:]:
        if p.endswith('!'):
            if name==p[:-1]: return True
        elif name==p or name.startswith(p+' '): return True
    return False
SKIP={'cmd','client','_subscription','_cache','_ids','ids','_command_validator'}
def argline(a,c):
    if a['name'] in SKIP or a['ign'] : return None
    opts=[o for o in a['opts'] if not o.startswith('~') ]
    if a['name']=='yes': opts=['--yes','-y']
    pos=not opts or not opts[0].startswith('-')
    dest=a['dest'] or a['name']
    t=[]
    n=a['nargs']; act=a['action']
    if act in('store_true','store_false'): t.append('flag')
    elif act=='ThreeStateAction': t.append('switch')
    elif n=='+': t.append('list')
    elif n=='*': t.append('any')
    elif n=='?': t.append('maybe')
    elif a['type'] in('int','float'): t.append(a['type'])
    if act in ('append',) or (act and 'Append' in act) or act=='_ParseAction' : t.append('append')
    if a['required']: t.append('required')
    if a['choices'] and act!='ThreeStateAction': t.append('choices='+','.join(x.replace(' ','~') for x in a['choices']))
    if a['default'] not in (None,'None','') and act not in('store_true','store_false') and 'is_default' not in str(a['default']) and ' ' not in a['default'] and a['default']!='[]': t.append('default='+a['default'])
    if a['config']: t.append('config='+a['config'])
    if a['id']: t.append('id='+a['id'])
    if a['group']: t.append('group='+a['group'].replace(' ','_'))
    der='' if pos else next((o for o in opts if o.startswith('--')),'').lstrip('-').replace('-','_')
    if dest!=der: t.append('name='+dest)
    h=''
    for o in opts:
        if o in c['ph']: h=c['ph'][o]
    h=clean(h or a['help'])
    return '\t'+' '.join(([] if pos else opts)+t)+' | '+h
names=sorted(n for n in C if sel(n))
seen=set()
for n in names:
    ws=n.split()
    for i in range(1,len(ws)):
        g=' '.join(ws[:i])
        if g not in seen:
            seen.add(g); print('# %s | %s'%(g,clean(G.get(g,''))))
for n in names:
    c=C[n]
    print('%s | %s'%(n,clean(c['short'])))
    if c['confirm']: print('\t? '+(clean(c['confirm']) if isinstance(c['confirm'],str) and c['confirm'] not in('True',) else 'Are you sure you want to perform this operation?'))
    for a in c['args']:
        if a['name']=='yes' and c['confirm']: continue
        l=argline(a,c)
        if l: print(l)
    for e in c['ex'][:2]:
        w,l=clean(e[0]).replace(' (autogenerated)',''),re.sub(r'\s+\\?\s*',' ',(e[1] or '').strip())
        if len(l)<160: print('\t! %s | %s'%(w,l))
