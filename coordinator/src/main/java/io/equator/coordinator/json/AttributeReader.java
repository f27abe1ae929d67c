package io.equator.coordinator.json;

import io.equator.model.item.EncodedItem;
import io.equator.model.item.ItemEncoder;
import io.equator.model.item.ValueProblem;
import io.equator.model.item.ValueType;
import org.jspecify.annotations.Nullable;

/**
 * Reads attribute values, {@code {"S":"text"}} and the like, from the tokens straight into the
 * stored form.
 *
 * <p>JSON types are checked by the {@link WireReader} and end the reading; what is wrong with the
 * values themselves is recorded by the {@link ItemEncoder}, which then ignores what follows, while
 * the types of the rest are still checked.
 *
 * <p>A {@code null} in the place of a value inside an item is a value without a type.
 */
final class AttributeReader {
  /** One request is read at a time on a thread, and its encoder is used again for the next one. */
  private static final ThreadLocal<ItemEncoder> ENCODERS =
      ThreadLocal.withInitial(ItemEncoder::new);

  private static final String SHAPE = "AttributeValue";

  private final WireReader in;
  private final ItemEncoder out = ENCODERS.get();

  AttributeReader(WireReader in) {
    this.in = in;
  }

  WireItem item() {
    in.beginMap(SHAPE);
    out.begin();
    String problemName = null;
    while (in.nextEntryOrNull()) {
      String name = in.key();
      out.name(name);
      value();
      if (problemName == null && out.problem() != null) {
        problemName = name;
      }
    }
    ValueProblem problem = out.problem();
    return new WireItem(problem == null ? out.finish() : EncodedItem.EMPTY, problem, problemName);
  }

  WireValue single() {
    out.beginValue();
    value();
    ValueProblem problem = out.problem();
    return problem == null ? new WireValue(out.finishValue(), null) : new WireValue(null, problem);
  }

  private void value() {
    if (in.isNull()) {
      out.problem(new ValueProblem.NoType());
      in.skip();
      return;
    }
    in.beginStruct(SHAPE);
    int types = 0;
    while (in.nextMember()) {
      ValueType type = typeOf(in.member());
      if (type == null) {
        in.skip();
        continue;
      }
      if (++types == 2) {
        out.problem(new ValueProblem.MoreThanOneType());
      }
      content(type);
    }
    if (types == 0) {
      out.problem(new ValueProblem.NoType());
    }
  }

  private static @Nullable ValueType typeOf(String member) {
    return switch (member) {
      case "S" -> ValueType.S;
      case "N" -> ValueType.N;
      case "B" -> ValueType.B;
      case "BOOL" -> ValueType.BOOL;
      case "NULL" -> ValueType.NULL;
      case "SS" -> ValueType.SS;
      case "NS" -> ValueType.NS;
      case "BS" -> ValueType.BS;
      case "L" -> ValueType.L;
      case "M" -> ValueType.M;
      default -> null;
    };
  }

  private void content(ValueType type) {
    switch (type) {
      case S -> out.string(in.string());
      case N -> out.number(in.string());
      case B -> out.binary(in.blob());
      case BOOL -> out.bool(in.bool());
      case NULL -> {
        if (in.bool()) {
          out.nul();
        } else {
          out.problem(new ValueProblem.NullNotTrue());
        }
      }
      case SS, NS, BS -> set(type);
      case L -> {
        in.beginList();
        out.beginList();
        while (in.nextElementOrNull()) {
          value();
        }
        out.endList();
      }
      case M -> {
        in.beginMap(SHAPE);
        out.beginMap();
        while (in.nextEntryOrNull()) {
          out.name(in.key());
          value();
        }
        out.endMap();
      }
    }
  }

  private void set(ValueType type) {
    in.beginList();
    out.beginSet(type);
    while (in.nextElement()) {
      switch (type.memberType()) {
        case S -> out.string(in.string());
        case N -> out.number(in.string());
        default -> out.binary(in.blob());
      }
    }
    out.endSet();
  }
}
