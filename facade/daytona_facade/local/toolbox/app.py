"""The routes of a toolbox."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import daemon_errors, downloads, file_routes, git_routes, process_routes, program_routes, uploads
from .configuration import Configuration
from .profiles import PROFILES, Profile


def make_app(configuration: Configuration) -> Starlette:
    """Make the toolbox of one sandbox, as the daemon of its profile serves it."""
    profile = PROFILES[configuration.daemon]

    async def failed(request: Request, exc: Exception) -> Response:
        if not isinstance(exc, daemon_errors.FailedError):
            return daemon_errors.broken(request, exc)
        return daemon_errors.answer(profile, request, exc)

    app = Starlette(
        routes=routes(profile),
        exception_handlers={
            daemon_errors.FailedError: failed,
            HTTPException: daemon_errors.unknown_route,
            Exception: daemon_errors.broken,
        },
    )
    app.router.redirect_slashes = False
    app.state.configuration = configuration
    app.state.profile = profile
    return app


def routes(profile: Profile) -> list[Route]:
    """List what this daemon serves."""
    served = [
        Route("/version", version),
        Route("/work-dir", folder),
        Route("/user-home-dir", folder),
        Route("/process/execute", process_routes.execute, methods=["POST"]),
        Route("/process/code-run", program_routes.code_run, methods=["POST"]),
        Route("/files", file_routes.list_files, methods=["GET"]),
        Route("/files/", file_routes.list_files, methods=["GET"]),
        Route("/files", file_routes.delete_file, methods=["DELETE"]),
        Route("/files/info", file_routes.file_info),
        Route("/files/folder", file_routes.create_folder, methods=["POST"]),
        Route("/files/move", file_routes.move_file, methods=["POST"]),
        Route("/files/download", downloads.download),
        Route("/files/bulk-download", downloads.bulk_download, methods=["POST"]),
        Route("/files/bulk-upload", uploads.bulk_upload, methods=["POST"]),
        Route("/git/clone", git_routes.clone, methods=["POST"]),
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
    configuration: Configuration = request.app.state.configuration
    return JSONResponse({"dir": configuration.home})
