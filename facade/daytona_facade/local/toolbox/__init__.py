"""The toolbox API of one sandbox: files, processes and git, served from inside it.

The package imports nothing above itself, so that it can be mounted into a sandbox and run there alone.
"""
