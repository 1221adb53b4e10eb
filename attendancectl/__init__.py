"""One command for who operates the attendance service: `attendancectl`, or `python -m attendancectl`.

It reads the same environment variables as the services (.env.example). docs/attendancectl.md explains it.
"""
