# Written by `make generate` from openapi/toolbox.yaml. Do not edit.
"""Contains methods for accessing the API"""
