package io.equator.coordinator.triggers.core;

import io.equator.coordinator.json.JsonValue;
import io.equator.coordinator.json.JsonValue.JsonArray;
import io.equator.coordinator.json.JsonValue.JsonBool;
import io.equator.coordinator.json.JsonValue.JsonNull;
import io.equator.coordinator.json.JsonValue.JsonNumber;
import io.equator.coordinator.json.JsonValue.JsonObject;
import io.equator.coordinator.json.JsonValue.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A filter of events, as Lambda and EventBridge write it: an object of the event's shape whose
 * leaves are lists of what the event may have there.
 *
 * <pre>
 *   {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"state": {"S": [{"prefix": "open"}]}}}}
 * </pre>
 *
 * <p>All fields must match, and of each list one element. A value that is itself a list matches
 * when one of its elements does. Understood are exact strings, numbers, booleans and null, {@code
 * prefix}, {@code suffix}, {@code equals-ignore-case}, {@code anything-but}, {@code numeric},
 * {@code exists}, and {@code $or} over objects (Lambda's guide, "Filter rule syntax"). The numbers
 * of an item are strings in DynamoDB's JSON, so {@code numeric} does not match them.
 */
public final class EventPattern {
  private static final String OR = "$or";

  private final Node root;

  private EventPattern(Node root) {
    this.root = root;
  }

  /** The pattern in a text; empty when it is none. */
  public static Optional<EventPattern> parse(String text) {
    try {
      return JsonValue.parse(text).map(value -> new EventPattern(node(value)));
    } catch (Malformed _) {
      return Optional.empty();
    }
  }

  /** Whether an event matches. */
  public boolean matches(JsonValue event) {
    return root.matches(event);
  }

  /** Thrown while a pattern is read, and caught there. */
  private static final class Malformed extends RuntimeException {
    Malformed(String what) {
      super(what, null, false, false);
    }
  }

  // ---- objects

  /** What an object must have: fields, and one of each group of alternatives. */
  private record Node(Map<String, Test> fields, List<List<Node>> alternatives) {
    boolean matches(JsonValue value) {
      return switch (value) {
        case JsonObject object ->
            fields.entrySet().stream()
                    .allMatch(field -> field.getValue().matches(object.find(field.getKey())))
                && alternatives.stream()
                    .allMatch(group -> group.stream().anyMatch(node -> node.matches(object)));
        case JsonArray(List<JsonValue> elements) -> elements.stream().anyMatch(this::matches);
        case JsonText _, JsonNumber _, JsonBool _, JsonNull _ -> false;
      };
    }

    /** Whether nothing at all would do: every test asks for absence. */
    boolean matchesAbsence() {
      return fields.values().stream().allMatch(test -> test.matches(Optional.empty()))
          && alternatives.stream().allMatch(group -> group.stream().anyMatch(Node::matchesAbsence));
    }
  }

  private static Node node(JsonValue value) {
    if (!(value instanceof JsonObject(Map<String, JsonValue> members)) || members.isEmpty()) {
      throw new Malformed("a pattern is an object that is not empty");
    }
    Map<String, Test> fields = new LinkedHashMap<>();
    List<List<Node>> alternatives = new ArrayList<>();
    members.forEach(
        (name, member) -> {
          if (name.equals(OR) && isListOfObjects(member)) {
            alternatives.add(
                ((JsonArray) member).elements().stream().map(EventPattern::node).toList());
          } else {
            fields.put(name, test(member));
          }
        });
    return new Node(fields, alternatives);
  }

  private static boolean isListOfObjects(JsonValue value) {
    return value instanceof JsonArray(List<JsonValue> elements)
        && !elements.isEmpty()
        && elements.stream().allMatch(JsonObject.class::isInstance);
  }

  // ---- fields

  /** What the value of a field must be; it may be absent. */
  private sealed interface Test {
    boolean matches(Optional<JsonValue> value);
  }

  /** The value is an object that matches. */
  private record Inside(Node node) implements Test {
    @Override
    public boolean matches(Optional<JsonValue> value) {
      return value.map(node::matches).orElseGet(node::matchesAbsence);
    }
  }

  /** The value is a leaf that one of these accepts. */
  private record AnyOf(List<Matcher> matchers) implements Test {
    @Override
    public boolean matches(Optional<JsonValue> value) {
      return matchers.stream().anyMatch(matcher -> accepts(matcher, value));
    }

    private static boolean accepts(Matcher matcher, Optional<JsonValue> value) {
      if (matcher instanceof Exists(boolean wanted)) {
        return wanted == value.filter(AnyOf::isLeaf).isPresent();
      }
      return switch (value.orElse(null)) {
        case null -> false;
        case JsonArray(List<JsonValue> elements) -> elements.stream().anyMatch(matcher::accepts);
        case JsonObject _ -> false;
        case JsonText _, JsonNumber _, JsonBool _, JsonNull _ -> matcher.accepts(value.get());
      };
    }

    private static boolean isLeaf(JsonValue value) {
      return !(value instanceof JsonObject);
    }
  }

  private static Test test(JsonValue value) {
    if (value instanceof JsonArray(List<JsonValue> elements)) {
      if (elements.isEmpty()) {
        throw new Malformed("an empty list of values");
      }
      return new AnyOf(elements.stream().map(EventPattern::matcher).toList());
    }
    return new Inside(node(value));
  }

  // ---- leaves

  /** Accepts a leaf that is there. */
  private sealed interface Matcher {
    boolean accepts(JsonValue leaf);
  }

  private record Exactly(JsonValue wanted) implements Matcher {
    @Override
    public boolean accepts(JsonValue leaf) {
      if (wanted instanceof JsonNumber(var number) && leaf instanceof JsonNumber(var other)) {
        return number.compareTo(other) == 0;
      }
      return wanted.equals(leaf);
    }
  }

  private record Prefix(String prefix, boolean ignoreCase) implements Matcher {
    @Override
    public boolean accepts(JsonValue leaf) {
      return leaf instanceof JsonText(String text)
          && text.regionMatches(ignoreCase, 0, prefix, 0, prefix.length());
    }
  }

  private record Suffix(String suffix, boolean ignoreCase) implements Matcher {
    @Override
    public boolean accepts(JsonValue leaf) {
      return leaf instanceof JsonText(String text)
          && text.regionMatches(
              ignoreCase, text.length() - suffix.length(), suffix, 0, suffix.length());
    }
  }

  private record IgnoringCase(String wanted) implements Matcher {
    @Override
    public boolean accepts(JsonValue leaf) {
      return leaf instanceof JsonText(String text) && text.equalsIgnoreCase(wanted);
    }
  }

  private record AnythingBut(List<Matcher> matchers) implements Matcher {
    @Override
    public boolean accepts(JsonValue leaf) {
      return matchers.stream().noneMatch(matcher -> matcher.accepts(leaf));
    }
  }

  private record Numeric(List<Comparison> comparisons) implements Matcher {
    @Override
    public boolean accepts(JsonValue leaf) {
      return leaf instanceof JsonNumber(var number)
          && comparisons.stream()
              .allMatch(c -> c.operator().holds(number.compareTo(c.operand().value())));
    }
  }

  private record Comparison(Operator operator, JsonNumber operand) {}

  private enum Operator {
    LESS("<"),
    LESS_OR_EQUAL("<="),
    EQUAL("="),
    GREATER_OR_EQUAL(">="),
    GREATER(">");

    private final String sign;

    Operator(String sign) {
      this.sign = sign;
    }

    static Operator of(JsonValue value) {
      for (Operator operator : values()) {
        if (value.equals(new JsonText(operator.sign))) {
          return operator;
        }
      }
      throw new Malformed("not a comparison");
    }

    boolean holds(int comparison) {
      return switch (this) {
        case LESS -> comparison < 0;
        case LESS_OR_EQUAL -> comparison <= 0;
        case EQUAL -> comparison == 0;
        case GREATER_OR_EQUAL -> comparison >= 0;
        case GREATER -> comparison > 0;
      };
    }

    boolean isLowerBound() {
      return this == GREATER || this == GREATER_OR_EQUAL;
    }

    boolean isUpperBound() {
      return this == LESS || this == LESS_OR_EQUAL;
    }
  }

  private record Exists(boolean wanted) implements Matcher {
    @Override
    public boolean accepts(JsonValue leaf) {
      return wanted;
    }
  }

  private static Matcher matcher(JsonValue value) {
    return switch (value) {
      case JsonText _, JsonNumber _, JsonBool _, JsonNull _ -> new Exactly(value);
      case JsonArray _ -> throw new Malformed("a list in a list");
      case JsonObject(Map<String, JsonValue> members) -> {
        if (members.size() != 1) {
          throw new Malformed("a matcher has one name");
        }
        var member = members.entrySet().iterator().next();
        yield named(member.getKey(), member.getValue());
      }
    };
  }

  private static Matcher named(String name, JsonValue operand) {
    return switch (name) {
      case "prefix" ->
          operand instanceof JsonObject
              ? new Prefix(ignoringCase(operand), true)
              : new Prefix(text(operand), false);
      case "suffix" ->
          operand instanceof JsonObject
              ? new Suffix(ignoringCase(operand), true)
              : new Suffix(text(operand), false);
      case "equals-ignore-case" -> new IgnoringCase(text(operand));
      case "anything-but" -> new AnythingBut(excluded(operand));
      case "numeric" -> new Numeric(comparisons(operand));
      case "exists" -> {
        if (operand instanceof JsonBool(boolean wanted)) {
          yield new Exists(wanted);
        }
        throw new Malformed("exists is true or false");
      }
      default -> throw new Malformed("an unknown matcher");
    };
  }

  private static String text(JsonValue value) {
    if (value instanceof JsonText(String text)) {
      return text;
    }
    throw new Malformed("not a string");
  }

  private static String ignoringCase(JsonValue value) {
    if (value instanceof JsonObject(var members)
        && members.size() == 1
        && members.get("equals-ignore-case") instanceof JsonText(String text)) {
      return text;
    }
    throw new Malformed("not an equals-ignore-case");
  }

  /** A string or number, a list of them, or one named matcher over one string or a list. */
  private static List<Matcher> excluded(JsonValue operand) {
    return switch (operand) {
      case JsonText _, JsonNumber _ -> List.of(new Exactly(operand));
      case JsonArray(List<JsonValue> elements) -> {
        if (elements.isEmpty()) {
          throw new Malformed("an empty list of values");
        }
        yield elements.stream().map(EventPattern::excludedValue).toList();
      }
      case JsonObject(Map<String, JsonValue> members) -> {
        if (members.size() != 1) {
          throw new Malformed("a matcher has one name");
        }
        var member = members.entrySet().iterator().next();
        yield excludedBy(member.getKey(), member.getValue());
      }
      case JsonBool _, JsonNull _ -> throw new Malformed("anything-but of neither text nor number");
    };
  }

  private static Matcher excludedValue(JsonValue value) {
    if (value instanceof JsonText || value instanceof JsonNumber) {
      return new Exactly(value);
    }
    throw new Malformed("anything-but of neither text nor number");
  }

  private static List<Matcher> excludedBy(String name, JsonValue operand) {
    if (!List.of("prefix", "suffix", "equals-ignore-case").contains(name)) {
      throw new Malformed("an unknown matcher in anything-but");
    }
    List<JsonValue> operands =
        operand instanceof JsonArray(List<JsonValue> elements) ? elements : List.of(operand);
    if (operands.isEmpty()) {
      throw new Malformed("an empty list of values");
    }
    return operands.stream().map(one -> named(name, new JsonText(text(one)))).toList();
  }

  /** {@code [">", 0]} or {@code [">", 0, "<=", 5]}. */
  private static List<Comparison> comparisons(JsonValue operand) {
    if (!(operand instanceof JsonArray(List<JsonValue> parts))
        || (parts.size() != 2 && parts.size() != 4)) {
      throw new Malformed("numeric has one comparison or two");
    }
    List<Comparison> comparisons = new ArrayList<>();
    for (int i = 0; i < parts.size(); i += 2) {
      if (!(parts.get(i + 1) instanceof JsonNumber number)) {
        throw new Malformed("numeric compares with numbers");
      }
      comparisons.add(new Comparison(Operator.of(parts.get(i)), number));
    }
    if (comparisons.size() == 2
        && !(comparisons.get(0).operator().isLowerBound()
            && comparisons.get(1).operator().isUpperBound())) {
      throw new Malformed("a range has a lower and then an upper bound");
    }
    return comparisons;
  }
}
