FROM python:3.11-slim AS build
COPY requirements/base.txt /tmp/base.txt
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/base.txt

FROM python:3.11-slim
# Decoded pictures go back to the system: without the threshold each thread would keep what it once needed.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MALLOC_MMAP_THRESHOLD_=1048576 \
    DJANGO_SETTINGS_MODULE=lld.settings.production
# A volume over /srv/media takes its owner from here.
RUN useradd --system --uid 10001 lld && install --directory --owner lld /srv/media
COPY --from=build /opt/venv /opt/venv
WORKDIR /srv/lld
COPY . .
# Collecting static files needs settings, but none of their values.
RUN SECRET_KEY=only-for-this-step-0123456789abcdef0123 FIELD_ENCRYPTION_KEY=only-for-this-step-0123456789abcdef0123 \
    PUBLIC_URL=https://build.invalid FRONTEND_URL=https://build.invalid \
    DATABASE_URL=postgresql://build.invalid/lld REDIS_URL=redis://build.invalid \
    python manage.py collectstatic --no-input --verbosity 0
USER lld
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "16", "--backpressure", "64", "--respawn-failed-workers", \
     "lld.wsgi:application"]
