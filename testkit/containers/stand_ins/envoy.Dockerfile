# Stands in for envoyproxy/envoy.
FROM astegni-stand-in/python
COPY --chmod=755 envoy /usr/local/bin/envoy
CMD ["envoy"]
