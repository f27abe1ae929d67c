package io.equator.model.expression;

import io.equator.model.expression.wire.Nesting;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.Bytes;
import io.equator.model.item.ItemCodec;
import io.equator.model.number.DynamoNumber;
import io.equator.model.number.NumberException;
import io.equator.proto.Path;
import io.equator.proto.PathElement;
import io.equator.proto.PathValue;
import io.equator.proto.SetAction;
import io.equator.proto.SetPair;
import io.equator.proto.SetValue;
import io.equator.proto.Update;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Applies updates to mutable copies of items, action by action: the obvious way. Answers the new
 * item, or nothing when the update does not fit.
 */
final class NaiveUpdater {
  private final Map<String, AttributeValue> old;
  private final Map<String, Object> tree;
  private final Map<Path, Optional<AttributeValue>> results = new LinkedHashMap<>();

  /** Maps are LinkedHashMaps, lists are TreeMaps by old position, everything else is a value. */
  private NaiveUpdater(Map<String, AttributeValue> old) {
    this.old = old;
    this.tree = mutable(old);
  }

  private static final class DoesNotFit extends RuntimeException {}

  static Optional<Map<String, AttributeValue>> apply(
      Map<String, AttributeValue> item, Update update) {
    NaiveUpdater updater = new NaiveUpdater(item);
    try {
      updater.evaluate(update);
      updater.results.forEach(updater::place);
      return Optional.of(immutable(updater.tree));
    } catch (DoesNotFit | NumberException e) {
      return Optional.empty();
    }
  }

  private void evaluate(Update update) {
    for (SetAction set : update.getSetsList()) {
      results.put(set.getPath(), Optional.of(value(set.getValue())));
    }
    for (Path remove : update.getRemovesList()) {
      results.put(remove, Optional.empty());
    }
    for (PathValue add : update.getAddsList()) {
      AttributeValue value = ItemCodec.decodeValue(add.getValue());
      Optional<AttributeValue> existing = NaiveEvaluator.at(old, add.getPath());
      results.put(add.getPath(), Optional.of(existing.map(e -> sum(e, value)).orElse(value)));
    }
    for (PathValue delete : update.getDeletesList()) {
      AttributeValue value = ItemCodec.decodeValue(delete.getValue());
      results.put(
          delete.getPath(),
          NaiveEvaluator.at(old, delete.getPath()).flatMap(e -> difference(e, value)));
    }
  }

  private AttributeValue value(SetValue sealed) {
    SetValue value = Nesting.open(sealed);
    return switch (value.getKindCase()) {
      case PATH -> NaiveEvaluator.at(old, value.getPath()).orElseThrow(DoesNotFit::new);
      case VALUE -> ItemCodec.decodeValue(value.getValue());
      case PLUS ->
          new AttributeValue.N(number(value.getPlus().getLeft()).add(right(value.getPlus())));
      case MINUS ->
          new AttributeValue.N(
              number(value.getMinus().getLeft()).subtract(right(value.getMinus())));
      case IF_NOT_EXISTS ->
          NaiveEvaluator.at(old, value.getIfNotExists().getPath())
              .orElseGet(() -> value(value.getIfNotExists().getOtherwise()));
      case LIST_APPEND -> {
        List<AttributeValue> joined = new ArrayList<>(list(value.getListAppend().getLeft()));
        joined.addAll(list(value.getListAppend().getRight()));
        yield new AttributeValue.L(joined);
      }
      case NESTED, KIND_NOT_SET -> throw new IllegalArgumentException();
    };
  }

  private DynamoNumber right(SetPair pair) {
    return number(pair.getRight());
  }

  private DynamoNumber number(SetValue value) {
    if (value(value) instanceof AttributeValue.N(DynamoNumber number)) {
      return number;
    }
    throw new DoesNotFit();
  }

  private List<AttributeValue> list(SetValue value) {
    if (value(value) instanceof AttributeValue.L(List<AttributeValue> list)) {
      return list;
    }
    throw new DoesNotFit();
  }

  private static AttributeValue sum(AttributeValue left, AttributeValue right) {
    if (left instanceof AttributeValue.N(DynamoNumber a)
        && right instanceof AttributeValue.N(DynamoNumber b)) {
      return new AttributeValue.N(a.add(b));
    }
    if (left instanceof AttributeValue.Ss(List<String> a)
        && right instanceof AttributeValue.Ss(List<String> b)) {
      return new AttributeValue.Ss(union(a, b));
    }
    if (left instanceof AttributeValue.Ns(List<DynamoNumber> a)
        && right instanceof AttributeValue.Ns(List<DynamoNumber> b)) {
      return new AttributeValue.Ns(union(a, b));
    }
    if (left instanceof AttributeValue.Bs(List<Bytes> a)
        && right instanceof AttributeValue.Bs(List<Bytes> b)) {
      return new AttributeValue.Bs(union(a, b));
    }
    throw new DoesNotFit();
  }

  private static <T> List<T> union(List<T> left, List<T> right) {
    List<T> union = new ArrayList<>(left);
    right.stream().filter(x -> !left.contains(x)).forEach(union::add);
    return union;
  }

  private static Optional<AttributeValue> difference(AttributeValue left, AttributeValue right) {
    if (left instanceof AttributeValue.Ss(List<String> a)
        && right instanceof AttributeValue.Ss(List<String> b)) {
      List<String> rest = a.stream().filter(x -> !b.contains(x)).toList();
      return rest.isEmpty() ? Optional.empty() : Optional.of(new AttributeValue.Ss(rest));
    }
    if (left instanceof AttributeValue.Ns(List<DynamoNumber> a)
        && right instanceof AttributeValue.Ns(List<DynamoNumber> b)) {
      List<DynamoNumber> rest = a.stream().filter(x -> !b.contains(x)).toList();
      return rest.isEmpty() ? Optional.empty() : Optional.of(new AttributeValue.Ns(rest));
    }
    if (left instanceof AttributeValue.Bs(List<Bytes> a)
        && right instanceof AttributeValue.Bs(List<Bytes> b)) {
      List<Bytes> rest = a.stream().filter(x -> !b.contains(x)).toList();
      return rest.isEmpty() ? Optional.empty() : Optional.of(new AttributeValue.Bs(rest));
    }
    throw new DoesNotFit();
  }

  @SuppressWarnings("unchecked") // the two shapes of containers
  private void place(Path path, Optional<AttributeValue> result) {
    Object container = tree;
    for (int i = 0; i + 1 < path.getElementsCount(); i++) {
      container = child(container, path.getElements(i));
    }
    PathElement last = path.getElements(path.getElementsCount() - 1);
    if (last.getElementCase() == PathElement.ElementCase.INDEX) {
      if (!(container instanceof TreeMap<?, ?> list)) {
        throw new DoesNotFit();
      }
      put((Map<Integer, Object>) list, last.getIndex(), result);
    } else {
      if (!(container instanceof LinkedHashMap<?, ?> map)) {
        throw new DoesNotFit();
      }
      put((Map<String, Object>) map, last.getField(), result);
    }
  }

  private static <K> void put(Map<K, Object> map, K key, Optional<AttributeValue> result) {
    if (result.isPresent()) {
      map.put(key, mutable(result.get()));
    } else {
      map.remove(key);
    }
  }

  private static Object child(Object container, PathElement element) {
    boolean index = element.getElementCase() == PathElement.ElementCase.INDEX;
    Object child = null;
    if (index && container instanceof TreeMap<?, ?> list) {
      child = list.get(element.getIndex());
    } else if (!index && container instanceof LinkedHashMap<?, ?> map) {
      child = map.get(element.getField());
    }
    if (child == null) {
      throw new DoesNotFit();
    }
    return child;
  }

  private static Map<String, Object> mutable(Map<String, AttributeValue> map) {
    Map<String, Object> copy = new LinkedHashMap<>();
    map.forEach((name, value) -> copy.put(name, mutable(value)));
    return copy;
  }

  private static Object mutable(AttributeValue value) {
    return switch (value) {
      case AttributeValue.M(Map<String, AttributeValue> map) -> mutable(map);
      case AttributeValue.L(List<AttributeValue> list) -> {
        TreeMap<Integer, Object> copy = new TreeMap<>(Comparator.naturalOrder());
        for (int i = 0; i < list.size(); i++) {
          copy.put(i, mutable(list.get(i)));
        }
        yield copy;
      }
      default -> value;
    };
  }

  private static Map<String, AttributeValue> immutable(Map<String, Object> map) {
    Map<String, AttributeValue> copy = new LinkedHashMap<>();
    map.forEach((name, value) -> copy.put(name, immutable(value)));
    return copy;
  }

  @SuppressWarnings("unchecked") // the two shapes of containers
  private static AttributeValue immutable(Object value) {
    return switch (value) {
      case AttributeValue plain -> plain;
      case TreeMap<?, ?> list ->
          new AttributeValue.L(list.values().stream().map(NaiveUpdater::immutable).toList());
      case LinkedHashMap<?, ?> map -> new AttributeValue.M(immutable((Map<String, Object>) map));
      default -> throw new IllegalArgumentException(value.toString());
    };
  }
}
