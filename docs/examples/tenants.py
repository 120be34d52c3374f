from moongate.config import Gateway

gateway = Gateway(listeners=[{"bind": "127.0.0.1:8080"}])
app = gateway.service("app", "http://127.0.0.1:8000", timeouts={"connect": "1s"})
for tenant in ("acme", "globex"):
    gateway.route(tenant, app, host=f"{tenant}.example", path="/api/**")
