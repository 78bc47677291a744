"""The routes of a toolbox."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import downloads, failures, files, git, processes, programs, uploads
from .profiles import PROFILES, Profile
from .settings import Settings


def make_app(settings: Settings) -> Starlette:
    """Make the toolbox of one sandbox, as the daemon of its profile serves it."""
    profile = PROFILES[settings.daemon]

    async def failed(request: Request, error: Exception) -> Response:
        if not isinstance(error, failures.FailedError):
            return failures.broken(request, error)
        return failures.answer(profile, request, error)

    app = Starlette(
        routes=routes(profile),
        exception_handlers={
            failures.FailedError: failed,
            HTTPException: failures.unknown_route,
            Exception: failures.broken,
        },
    )
    app.router.redirect_slashes = False
    app.state.settings = settings
    app.state.profile = profile
    return app


def routes(profile: Profile) -> list[Route]:
    """List what this daemon serves."""
    served = [
        Route("/version", version),
        Route("/work-dir", folder),
        Route("/user-home-dir", folder),
        Route("/process/execute", processes.execute, methods=["POST"]),
        Route("/process/code-run", programs.code_run, methods=["POST"]),
        Route("/files", files.list_files, methods=["GET"]),
        Route("/files/", files.list_files, methods=["GET"]),
        Route("/files", files.delete_file, methods=["DELETE"]),
        Route("/files/info", files.file_info),
        Route("/files/folder", files.create_folder, methods=["POST"]),
        Route("/files/move", files.move_file, methods=["POST"]),
        Route("/files/download", downloads.download),
        Route("/files/bulk-download", downloads.bulk_download, methods=["POST"]),
        Route("/files/bulk-upload", uploads.bulk_upload, methods=["POST"]),
        Route("/git/clone", git.clone, methods=["POST"]),
    ]
    if profile.upload:
        served.append(Route("/files/upload", uploads.upload, methods=["POST"]))
    if profile.upload_v2:
        served.append(Route("/files/upload-v2", uploads.upload_v2, methods=["POST"]))
    return served


async def version(request: Request) -> Response:
    """Serve GET /version."""
    profile: Profile = request.app.state.profile
    return JSONResponse({"version": f"v{profile.version}.0"})


async def folder(request: Request) -> Response:
    """Serve GET /work-dir and GET /user-home-dir: both are the home."""
    settings: Settings = request.app.state.settings
    return JSONResponse({"dir": settings.home})
