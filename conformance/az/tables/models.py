"""Prints rows of models.txt (see cli/az/shape) as the SDK of the installed az has them.

Usage: PYTHONPATH=~/.cache/lazuli/az-2.74/root/usr/lib/python3/dist-packages \
           python3 models.py azure.mgmt.keyvault.models Vault DeletedVault ...
"""
import sys, importlib, re, warnings
warnings.simplefilter("ignore")
m=importlib.import_module(sys.argv[1])
def camel(s): return re.sub(r'(?!^)_([a-zA-Z])',lambda x:x.group(1).upper(),s)
done={}
simple={'str','int','long','bool','object','rfc-1123','bytearray','byte','base64'}
def kind(t,q):
    if t in ('iso-8601',): return 'time'
    if t=='float': return 'float'
    if t in simple: return ''
    if t.startswith('['):
        k=kind(t[1:-1],q); return '['+k+']' if k else ''
    if t.startswith('{'):
        k=kind(t[1:-1],q); return '{'+k+'}' if k else ''
    c=getattr(m,t,None)
    if c is None or not hasattr(c,'_attribute_map'): 
        return '' if c is not None else 'UNKNOWN-'+t
    q.append(t); return t
def emit(name,q):
    c=getattr(m,name); am=c._attribute_map
    try: order=[k for k in vars(c(**{})) if k in am]
    except Exception:
        order=list(am)
    for k in am:
        if k not in order: order.append(k)
    out=[]
    for k in order:
        d=am[k]; key=d['key'].replace('\\.','~')
        if d['key']=='' : continue
        n=camel(k); t=kind(d['type'],q)
        s=n
        if key!=n: s+='='+key
        if t: s+=':'+t
        out.append(s)
    sub=getattr(c,'_subtype_map',None)
    done[name]=name+': '+' '.join(out)+('   ### SUBTYPES %s'%sub if sub else '')
q=list(sys.argv[2:])
while q:
    n=q.pop(0)
    if n in done: continue
    emit(n,q)
for n in done: print(done[n])
