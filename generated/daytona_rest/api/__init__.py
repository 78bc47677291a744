# Written by `make generate` from openapi/rest.yaml. Do not edit.
"""Contains methods for accessing the API"""
