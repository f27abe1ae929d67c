package io.equator.server.admin.triggers;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code equator admin trigger delete}. */
@Command(
    name = "delete",
    sortOptions = false,
    description = {"Delete a mapping with its checkpoints, and wait until it is gone.", ""})
final class DeleteCommand implements Runnable {

  @Parameters(paramLabel = "UUID", description = "The mapping.")
  private String uuid = "";

  @Mixin private final EndpointOptions endpoint = new EndpointOptions();

  @Override
  public void run() {
    var deleted =
        endpoint.call("DELETE", EndpointOptions.MAPPINGS + EndpointOptions.encoded(uuid), "");
    var _ = Settling.await(endpoint, uuid);
    if (endpoint.json()) {
      endpoint.print(deleted);
    } else {
      endpoint.line("Deleted " + uuid + ".");
    }
  }
}
