package io.equator.server.admin.triggers;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code equator admin trigger show}. */
@Command(
    name = "show",
    sortOptions = false,
    description = {"Show a mapping and what its last batch came to.", ""})
final class ShowCommand implements Runnable {

  @Parameters(paramLabel = "UUID", description = "The mapping.")
  private String uuid = "";

  @Mixin private final EndpointOptions endpoint = new EndpointOptions();

  @Override
  public void run() {
    endpoint.print(
        endpoint.call("GET", EndpointOptions.MAPPINGS + EndpointOptions.encoded(uuid), ""));
  }
}
