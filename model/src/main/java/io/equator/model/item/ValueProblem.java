package io.equator.model.item;

import io.equator.model.number.NumberException;
import io.equator.model.number.NumberFault;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is wrong with an attribute value that has the right JSON types.
 *
 * <p>A problem is recorded while the request's body is read and told later, because DynamoDB checks
 * the types of the whole body and the members' constraints first. The text depends on the
 * operation: {@link #message}.
 */
public sealed interface ValueProblem {
  /** How most of the texts begin. */
  String INVALID = "One or more parameter values were invalid: ";

  /** The text, without any envelope. */
  String message(ValueLayer layer);

  /** The problem that a number's text has. */
  static ValueProblem ofNumber(NumberFault fault, String text) {
    return switch (fault) {
      case NOT_A_NUMBER -> new NotANumber(text);
      case OVERFLOW -> new Overflow(false);
      case OVERFLOW_THAT_WRAPS -> new Overflow(true);
      case UNDERFLOW -> new Underflow();
      case TOO_MANY_DIGITS -> new TooManyDigits();
    };
  }

  /** The text of a number is not one. */
  record NotANumber(String text) implements ValueProblem {
    @Override
    public String message(ValueLayer layer) {
      return layer == ValueLayer.OLDER && text.isEmpty()
          ? "The parameter cannot be converted to a numeric value"
          : NumberException.message(NumberFault.NOT_A_NUMBER, text);
    }
  }

  /**
   * A magnitude of 1E+126 or more.
   *
   * @param wraps the exponent is so large that the older validator calls it an underflow
   */
  record Overflow(boolean wraps) implements ValueProblem {
    @Override
    public String message(ValueLayer layer) {
      return NumberException.message(
          wraps && layer == ValueLayer.OLDER ? NumberFault.UNDERFLOW : NumberFault.OVERFLOW, "");
    }
  }

  /** A magnitude below 1E-130. */
  record Underflow() implements ValueProblem {
    @Override
    public String message(ValueLayer layer) {
      return NumberException.message(NumberFault.UNDERFLOW, "");
    }
  }

  /** More than 38 significant digits. */
  record TooManyDigits() implements ValueProblem {
    @Override
    public String message(ValueLayer layer) {
      return NumberException.message(NumberFault.TOO_MANY_DIGITS, "");
    }
  }

  /** A set without members. */
  record EmptySet(ValueType type) implements ValueProblem {
    @Override
    public String message(ValueLayer layer) {
      // Two blanks, and "An" before both words: so says the service.
      return INVALID
          + switch (type) {
            case SS -> "An string set  may not be empty";
            case NS -> "An number set  may not be empty";
            case BS, S, N, B, BOOL, NULL, L, M -> "Binary sets should not be empty";
          };
    }
  }

  /**
   * A set with a member twice.
   *
   * @param type which set
   * @param members as sent; empty for numbers, which the text does not show
   */
  record DuplicateInSet(ValueType type, List<Bytes> members) implements ValueProblem {
    /** Copies. */
    public DuplicateInSet {
      members = List.copyOf(members);
    }

    @Override
    public String message(ValueLayer layer) {
      boolean current = layer == ValueLayer.CURRENT;
      return switch (type) {
        case SS -> INVALID + "Input collection " + show(current, ", ") + " contains duplicates.";
        case BS ->
            INVALID
                + "Input collection "
                + show(current, current ? "," : ", ")
                + "of type BS contains duplicates.";
        case NS, S, N, B, BOOL, NULL, L, M ->
            current
                ? INVALID + "Input collection contains duplicates."
                : "Input collection contains duplicates";
      };
    }

    /**
     * The older validator shows the members as sent. The current one quotes them, and shows those
     * before the first repeat in byte order, then the repeat, then the rest as sent.
     */
    private String show(boolean current, String separator) {
      List<Bytes> shown = new ArrayList<>(members);
      if (current) {
        Set<Bytes> seen = new HashSet<>();
        int repeat = 0;
        while (repeat < members.size() && seen.add(members.get(repeat))) {
          repeat++;
        }
        shown.subList(0, repeat).sort(Comparator.naturalOrder());
      }
      String quote = current ? "\"" : "";
      StringBuilder text = new StringBuilder("[");
      for (int i = 0; i < shown.size(); i++) {
        Bytes member = shown.get(i);
        String word =
            type == ValueType.BS
                ? member.toBase64()
                : Utf8.decode(member.unsafeArray(), 0, member.length());
        text.append(i == 0 ? "" : separator).append(quote).append(word).append(quote);
      }
      return text.append(']').toString();
    }
  }

  /** {@code "NULL": false}. */
  record NullNotTrue() implements ValueProblem {
    @Override
    public String message(ValueLayer layer) {
      return INVALID + "Null attribute value types must have the value of true";
    }
  }

  /** A value object without a type. */
  record NoType() implements ValueProblem {
    @Override
    public String message(ValueLayer layer) {
      return "Supplied AttributeValue is empty, must contain exactly one of the supported"
          + " datatypes";
    }
  }

  /** A value object with several types. */
  record MoreThanOneType() implements ValueProblem {
    @Override
    public String message(ValueLayer layer) {
      return "Supplied AttributeValue has more than one datatypes set, must contain exactly one of"
          + " the supported datatypes";
    }
  }

  /** More than 32 levels. */
  record NestingTooDeep() implements ValueProblem {
    @Override
    public String message(ValueLayer layer) {
      return "Nesting Levels have exceeded supported limits: Attributes in the item have nested"
          + " levels beyond supported limit";
    }
  }

  /** An attribute of an item without a name. */
  record EmptyName() implements ValueProblem {
    @Override
    public String message(ValueLayer layer) {
      return INVALID + "Attribute name must not be empty";
    }
  }
}
