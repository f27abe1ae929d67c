package io.equator.coordinator.api;

import java.util.List;

/** Several services on one port; the first that owns a path has it. */
public final class RestServices implements RestService {
  private final List<RestService> services;

  private RestServices(List<RestService> services) {
    this.services = List.copyOf(services);
  }

  /** All of these. */
  public static RestService of(RestService... services) {
    return new RestServices(List.of(services));
  }

  @Override
  public boolean owns(String path) {
    return services.stream().anyMatch(service -> service.owns(path));
  }

  @Override
  public void handle(RestRequest request, ReplySink sink) {
    services.stream()
        .filter(service -> service.owns(request.path()))
        .findFirst()
        .orElse(RestService.NONE)
        .handle(request, sink);
  }
}
