package io.equator.coordinator.partiql;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.items.RequestEnums;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.json.WireValue;
import io.equator.coordinator.transactions.ClientToken;
import io.equator.model.error.ApiException;
import io.equator.model.item.EncodedValue;
import io.equator.model.item.ValueLayer;
import io.equator.model.item.ValueProblem;
import io.equator.model.partiql.Command;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One statement with its parameters as sent. Filled while the body is read, then only read. */
final class SentStatement {
  private static final int LENGTH_MAX = 8192;

  private @Nullable String statement;
  private @Nullable List<WireValue> parameters;
  private @Nullable String returnValuesOnFailure;
  private boolean consistent;

  /** Reads one element of a list of statements. */
  static SentStatement element(WireReader in, String shape) {
    SentStatement sent = new SentStatement();
    in.beginStruct(shape);
    while (in.nextMember()) {
      sent.read(in);
    }
    return sent;
  }

  /** Reads a list of statements. */
  static List<SentStatement> list(WireReader in, String shape) {
    List<SentStatement> statements = new ArrayList<>();
    in.beginList();
    while (in.nextElement()) {
      statements.add(element(in, shape));
    }
    return statements;
  }

  /** Reads the current member if it is one of these, else skips it. */
  void read(WireReader in) {
    switch (in.member()) {
      case "Statement" -> statement = in.string();
      case "Parameters" -> {
        List<WireValue> values = new ArrayList<>();
        in.beginList();
        while (in.nextElement()) {
          values.add(in.attributeValue());
        }
        parameters = values;
      }
      case "ConsistentRead" -> consistent = in.bool();
      case "ReturnValuesOnConditionCheckFailure" -> returnValuesOnFailure = in.string();
      default -> in.skip();
    }
  }

  void check(Constraints constraints) {
    if (constraints.notNull("statement", statement)) {
      constraints.length("statement", statement, 1, LENGTH_MAX);
    }
    constraints.length("parameters", parameters, 1, Integer.MAX_VALUE);
    constraints.enumValue(
        "returnValuesOnConditionCheckFailure",
        returnValuesOnFailure,
        RequestEnums.RETURN_VALUES_ON_FAILURE);
  }

  /**
   * What the statement asks to do.
   *
   * @throws ApiException when it cannot be read, or a value is wrong
   */
  Command command(StatementCache cache) {
    return Command.of(cache.parsed(text()), values());
  }

  private String text() {
    if (statement == null) {
      throw new IllegalStateException("the statement was not checked");
    }
    return statement;
  }

  private List<EncodedValue> values() {
    if (parameters == null) {
      return List.of();
    }
    List<EncodedValue> values = new ArrayList<>(parameters.size());
    for (WireValue parameter : parameters) {
      EncodedValue value = parameter.value();
      if (value == null) {
        ValueProblem problem = parameter.problem();
        throw ApiException.validation(
            (problem == null ? new ValueProblem.NoType() : problem).message(ValueLayer.CURRENT));
      }
      values.add(value);
    }
    return values;
  }

  boolean consistent() {
    return consistent;
  }

  boolean returnsOldOnFailure() {
    return "ALL_OLD".equals(returnValuesOnFailure);
  }

  /** A hash of text and parameters. */
  byte[] fingerprint() {
    MessageDigest digest = ClientToken.sha256();
    byte[] text = text().getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(text.length).flip());
    digest.update(text);
    for (EncodedValue value : values()) {
      digest.update(value.array(), value.offset(), value.length());
    }
    return digest.digest();
  }

  /** As the service's own class prints itself. */
  @Override
  public String toString() {
    return "ParameterizedStatement(statement=" + statement + ")";
  }
}
