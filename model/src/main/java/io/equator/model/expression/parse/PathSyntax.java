package io.equator.model.expression.parse;

import io.equator.proto.Path;
import io.equator.proto.PathElement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A document path as written: names, placeholders for names, and list indexes.
 *
 * @param steps the first is never an index
 * @param literal the path itself when it holds no placeholder, made once for all requests
 */
public record PathSyntax(List<Step> steps, @Nullable Path literal) {

  /** One step of a path. */
  public sealed interface Step {
    /** An attribute's name as written. */
    record Name(String name) implements Step {}

    /** A placeholder, with its {@code #}. */
    record Alias(String placeholder) implements Step {}

    /** A place in a list, from 0. */
    record Index(int index) implements Step {}
  }

  /** Copies the steps and prepares the literal path when there is one. */
  public static PathSyntax of(List<Step> steps) {
    List<Step> copy = List.copyOf(steps);
    Path.Builder path = Path.newBuilder();
    for (Step step : copy) {
      switch (step) {
        case Step.Name(String name) -> path.addElements(PathElement.newBuilder().setField(name));
        case Step.Index(int index) -> path.addElements(PathElement.newBuilder().setIndex(index));
        case Step.Alias _ -> {
          return new PathSyntax(copy, null);
        }
      }
    }
    return new PathSyntax(copy, path.build());
  }
}
