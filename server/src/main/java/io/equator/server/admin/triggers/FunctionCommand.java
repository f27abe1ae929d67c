package io.equator.server.admin.triggers;

import io.equator.coordinator.json.JsonValue;
import io.equator.coordinator.json.JsonValue.JsonArray;
import io.equator.coordinator.json.JsonValue.JsonObject;
import io.equator.coordinator.json.WireWriter;
import io.equator.server.CommandGroup;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code equator admin trigger function}: names for endpoints, as mappings call them. */
@Command(
    name = "function",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      FunctionCommand.Put.class,
      FunctionCommand.ListAll.class,
      FunctionCommand.Delete.class
    },
    description = "Register names under which mappings find their endpoints.")
final class FunctionCommand extends CommandGroup {

  /** {@code function put}. */
  @Command(
      name = "put",
      sortOptions = false,
      description = {
        "Register a function, or give it another URL; mappings that name it follow.",
        ""
      })
  static final class Put implements Runnable {
    @Parameters(
        index = "0",
        paramLabel = "NAME",
        description = "The name, as of a Lambda function.")
    private String name = "";

    @Parameters(index = "1", paramLabel = "URL", description = "The http or https endpoint.")
    private String url = "";

    @Option(
        names = "--timeout",
        paramLabel = "SECONDS",
        description = "How long a call may take: 1 to 900 (60).")
    private @Nullable Integer timeout;

    @Mixin private final EndpointOptions endpoint = new EndpointOptions();

    @Override
    public void run() {
      WireWriter body = new WireWriter();
      body.beginObject();
      body.field("Url", url);
      if (timeout != null) {
        body.field("TimeoutInSeconds", timeout);
      }
      body.endObject();
      endpoint.print(
          endpoint.call(
              "PUT", EndpointOptions.FUNCTIONS + EndpointOptions.encoded(name), body.toString()));
    }
  }

  /** {@code function list}. */
  @Command(
      name = "list",
      sortOptions = false,
      description = {"List the functions.", ""})
  static final class ListAll implements Runnable {
    @Mixin private final EndpointOptions endpoint = new EndpointOptions();

    @Override
    public void run() {
      JsonObject answer = endpoint.call("GET", EndpointOptions.FUNCTIONS, "");
      if (endpoint.json()) {
        endpoint.print(answer);
        return;
      }
      List<JsonValue> functions =
          answer.find("Functions").orElse(null) instanceof JsonArray(var elements)
              ? elements
              : List.of();
      if (functions.isEmpty()) {
        endpoint.line("There are none.");
      }
      for (JsonValue function : functions) {
        JsonObject object = (JsonObject) function;
        endpoint.line(
            "%-30s  %s"
                .formatted(object.text("FunctionName").orElse(""), object.text("Url").orElse("")));
      }
    }
  }

  /** {@code function delete}. */
  @Command(
      name = "delete",
      sortOptions = false,
      description = {"Remove a function that no mapping names.", ""})
  static final class Delete implements Runnable {
    @Parameters(paramLabel = "NAME", description = "The function.")
    private String name = "";

    @Mixin private final EndpointOptions endpoint = new EndpointOptions();

    @Override
    public void run() {
      JsonObject answer =
          endpoint.call("DELETE", EndpointOptions.FUNCTIONS + EndpointOptions.encoded(name), "");
      if (endpoint.json()) {
        endpoint.print(answer);
      } else {
        endpoint.line("Removed " + name + ".");
      }
    }
  }
}
