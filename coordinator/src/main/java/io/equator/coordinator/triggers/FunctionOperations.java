package io.equator.coordinator.triggers;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.api.TextPattern;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.json.WireWriter;
import io.equator.coordinator.tables.Arns;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogObject;
import io.equator.proto.FunctionDescriptor;
import io.equator.replication.catalog.CatalogKeys;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The registered functions, each a name for an HTTP endpoint. These calls are ours: on Lambda a
 * function is code, here it is somewhere else.
 */
final class FunctionOperations {
  /** Functions of one cluster. */
  static final int FUNCTIONS_MAX = 1_000;

  /** How long a call of a function may take when nothing is said, in seconds. */
  static final int TIMEOUT_DEFAULT = 60;

  /** Lambda's own limit, in seconds. */
  static final int TIMEOUT_MAX = 900;

  private static final int NAME_MAX = 140;
  private static final TextPattern NAME = TextPattern.of("[a-zA-Z0-9-_\\.]+");

  private final TriggerCatalog catalog;
  private final InstantSource clock;

  FunctionOperations(TriggerCatalog catalog, InstantSource clock) {
    this.catalog = catalog;
    this.clock = clock;
  }

  /** The members of a registration. */
  record Registration(@Nullable String url, @Nullable Integer timeoutSeconds) {
    static Registration read(WireReader in) {
      String url = null;
      Integer timeout = null;
      while (in.nextMember()) {
        switch (in.member()) {
          case "Url" -> url = in.string();
          case "TimeoutInSeconds" -> timeout = in.integer();
          default -> in.skip();
        }
      }
      return new Registration(url, timeout);
    }
  }

  ReplyBody put(String name, Registration registration) {
    Constraints constraints = new Constraints();
    constraints.length("name", name, 1, NAME_MAX);
    constraints.pattern("name", name, NAME);
    constraints.notNull("url", registration.url());
    constraints.range("timeoutInSeconds", registration.timeoutSeconds(), 1, TIMEOUT_MAX);
    constraints.throwIfAny();
    String url = Objects.requireNonNull(registration.url());
    if (!FunctionName.usableUrl(url)) {
      throw LambdaException.invalid(
          "The URL " + url + " cannot be used: it must be an http or https URL with a host.");
    }
    Integer timeout = registration.timeoutSeconds();
    FunctionDescriptor function =
        FunctionDescriptor.newBuilder()
            .setName(name)
            .setUrl(url)
            .setTimeoutSeconds(timeout == null ? TIMEOUT_DEFAULT : timeout)
            .setModifiedMillis(clock.millis())
            .build();
    if (catalog.snapshot().functions().size() >= FUNCTIONS_MAX
        && catalog.snapshot().function(name).isEmpty()) {
      throw LambdaException.invalid("There are " + FUNCTIONS_MAX + " functions, the most.");
    }
    String key = CatalogKeys.function(name);
    catalog.change(
        List.of(key),
        objects ->
            CatalogCommitRequest.newBuilder()
                .addComparisons(
                    objects.stream()
                        .findFirst()
                        .map(TriggerCatalog::unchanged)
                        .orElseGet(() -> TriggerCatalog.absent(key)))
                .addPuts(CatalogObject.newBuilder().setKey(key).setFunction(function))
                .build());
    Arns arns = catalog.arns();
    return out -> write(out, function, arns);
  }

  ReplyBody list() {
    List<CatalogObject> functions = List.copyOf(catalog.snapshot().functions());
    Arns arns = catalog.arns();
    return out -> {
      out.beginObject();
      out.beginArray("Functions");
      functions.forEach(object -> write(out, object.getFunction(), arns));
      out.endArray();
      out.endObject();
    };
  }

  /** Removes a function that no mapping names. */
  ReplyBody delete(String name) {
    catalog.change(
        List.of(),
        objects -> {
          CatalogObject found =
              objects.stream()
                  .filter(o -> o.hasFunction() && o.getFunction().getName().equals(name))
                  .findFirst()
                  .orElseThrow(
                      () -> LambdaException.notFound("There is no function " + name + "."));
          for (CatalogObject object : objects) {
            if (object.getEventSourceMapping().getFunctionName().equals(name)) {
              throw LambdaException.conflict(
                  "The function "
                      + name
                      + " is named by the event source mapping "
                      + object.getEventSourceMapping().getUuid()
                      + ".");
            }
          }
          return TriggerCatalog.removing(found);
        });
    return ReplyBody.EMPTY;
  }

  private static void write(WireWriter out, FunctionDescriptor function, Arns arns) {
    out.beginObject();
    out.field("FunctionName", function.getName());
    out.field(
        "FunctionArn",
        "arn:aws:lambda:"
            + arns.region()
            + ":"
            + arns.accountId()
            + ":function:"
            + function.getName());
    out.field("Url", function.getUrl());
    out.field("TimeoutInSeconds", function.getTimeoutSeconds());
    out.timestampField("LastModified", function.getModifiedMillis());
    out.endObject();
  }
}
