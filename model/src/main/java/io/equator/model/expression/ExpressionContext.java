package io.equator.model.expression;

import io.equator.model.error.ApiException;
import io.equator.model.expression.parse.ExpressionLimits;
import io.equator.model.expression.parse.PathSyntax;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.Utf8;
import io.equator.proto.Path;
import io.equator.proto.PathElement;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names and values of one request while its expressions are resolved: gives them out, and knows
 * in the end which were never asked for.
 */
final class ExpressionContext {
  private final @Nullable Map<String, String> names;
  private final @Nullable ExpressionValues values;
  private final Set<String> usedNames = new HashSet<>();
  private final Set<String> usedValues = new HashSet<>();

  ExpressionContext(@Nullable Map<String, String> names, @Nullable ExpressionValues values) {
    this.names = names;
    this.values = values;
  }

  /** The path with its names in; complains about a placeholder without one. */
  Path path(PathSyntax syntax, ExpressionKind kind) {
    int elements = syntax.steps().size();
    if (elements > ExpressionLimits.PATH_ELEMENTS_MAX) {
      checkNames(syntax, kind);
      throw ApiException.validation(
          kind.errorPrefix()
              + "The document path has too many nesting levels; nesting levels: "
              + elements);
    }
    Path literal = syntax.literal();
    if (literal != null) {
      return literal;
    }
    Path.Builder path = Path.newBuilder();
    for (PathSyntax.Step step : syntax.steps()) {
      PathElement.Builder element = PathElement.newBuilder();
      switch (step) {
        case PathSyntax.Step.Name(String name) -> element.setField(name);
        case PathSyntax.Step.Alias(String placeholder) -> element.setField(name(placeholder, kind));
        case PathSyntax.Step.Index(int index) -> element.setIndex(index);
      }
      path.addElements(element);
    }
    return path.build();
  }

  /** Complains about the first placeholder of the path without a name. */
  void checkNames(PathSyntax syntax, ExpressionKind kind) {
    if (syntax.literal() == null) {
      for (PathSyntax.Step step : syntax.steps()) {
        if (step instanceof PathSyntax.Step.Alias(String placeholder)) {
          name(placeholder, kind);
        }
      }
    }
  }

  private String name(String placeholder, ExpressionKind kind) {
    String name = names == null ? null : names.get(placeholder);
    if (name == null) {
      throw ApiException.validation(
          kind.errorPrefix()
              + "An expression attribute name used in the document path is not defined; attribute"
              + " name: "
              + placeholder);
    }
    usedNames.add(placeholder);
    return name;
  }

  /** The value; complains when there is none. */
  EncodedValue value(String placeholder, ExpressionKind kind) {
    EncodedValue value = values == null ? null : values.value(placeholder);
    if (value == null) {
      throw ApiException.validation(
          kind.errorPrefix()
              + "An expression attribute value used in expression is not defined; attribute value: "
              + placeholder);
    }
    usedValues.add(placeholder);
    return value;
  }

  /** Complains about what the maps hold before any expression is looked at. */
  void checkMaps(ValueErrors valueErrors) {
    long bytes = 0;
    if (names != null) {
      bytes = checkNameMap(names);
    }
    if (values != null) {
      bytes += checkValueMap(values, valueErrors);
    }
    if (bytes > ExpressionLimits.SUBSTITUTIONS_BYTES_MAX) {
      throw ApiException.validation(
          "Combined size of ExpressionAttributeNames and ExpressionAttributeValues exceeds max"
              + " size");
    }
  }

  private static long checkNameMap(Map<String, String> names) {
    String parameter = "ExpressionAttributeNames";
    if (names.isEmpty()) {
      throw ApiException.validation(parameter + " must not be empty");
    }
    long bytes = 0;
    for (String placeholder : names.keySet()) {
      bytes += checkPlaceholder(parameter, placeholder, '#');
    }
    for (Map.Entry<String, String> entry : names.entrySet()) {
      int length = Utf8.length(entry.getValue());
      if (length == 0) {
        throw ApiException.validation(
            parameter + " contains invalid value: Empty attribute name for key " + entry.getKey());
      }
      if (length > ExpressionLimits.ATTRIBUTE_NAME_BYTES_MAX) {
        throw ApiException.validation(
            "Member must have length less than or equal to "
                + ExpressionLimits.ATTRIBUTE_NAME_BYTES_MAX
                + ", Member must have length greater than or equal to 0");
      }
      bytes += length;
    }
    return bytes;
  }

  private static long checkValueMap(ExpressionValues values, ValueErrors valueErrors) {
    String parameter = "ExpressionAttributeValues";
    if (values.isEmpty()) {
      throw ApiException.validation(parameter + " must not be empty");
    }
    long bytes = 0;
    for (String placeholder : values.placeholders()) {
      bytes += checkPlaceholder(parameter, placeholder, ':');
    }
    for (String placeholder : values.placeholders()) {
      var problem = values.problem(placeholder);
      if (problem != null) {
        throw ApiException.validation(valueErrors.ofExpressionValue(problem, placeholder));
      }
      EncodedValue value = values.value(placeholder);
      bytes += value == null ? 0 : value.length();
    }
    return bytes;
  }

  private static int checkPlaceholder(String parameter, String placeholder, char sign) {
    int length = Utf8.length(placeholder);
    if (length > ExpressionLimits.PLACEHOLDER_BYTES_MAX) {
      throw ApiException.validation(
          parameter
              + " contains invalid key: The expression attribute map contains a key that is too"
              + " long; size of key: "
              + length);
    }
    boolean valid = placeholder.length() > 1 && placeholder.charAt(0) == sign;
    for (int i = 1; valid && i < placeholder.length(); i++) {
      char c = placeholder.charAt(i);
      valid =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }
    if (!valid) {
      throw ApiException.validation(
          parameter + " contains invalid key: Syntax error; key: \"" + placeholder + "\"");
    }
    return length;
  }

  /** Complains about names, then about values that no expression used. */
  void checkUnused() {
    if (names != null && usedNames.size() < names.size()) {
      throw unused("ExpressionAttributeNames", names.keySet(), usedNames);
    }
    if (values != null && usedValues.size() < values.placeholders().size()) {
      throw unused("ExpressionAttributeValues", values.placeholders(), usedValues);
    }
  }

  /** Several are listed in the order of a {@code HashSet} of all, as the service does. */
  private static ApiException unused(
      String parameter, Iterable<String> placeholders, Set<String> used) {
    Set<String> rest = new HashSet<>();
    placeholders.forEach(rest::add);
    rest.removeAll(used);
    return ApiException.validation(
        "Value provided in "
            + parameter
            + " unused in expressions: keys: {"
            + String.join(", ", rest)
            + "}");
  }
}
