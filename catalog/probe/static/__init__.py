"""Read which tools a server's source code declares, without running any of it.

Files are chosen and bounded (files), parsed (syntax) and searched for what registers a tool: Python (python_*),
JavaScript and TypeScript (javascript*, zod), manifests. Expressions are followed to constants only; whatever would need
a running program is unknown and says so. reader puts the parts together.
"""
