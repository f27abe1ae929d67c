package io.equator.server.admin.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.equator.server.Refusal;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** How long a secret that lets somebody in may be good. */
class SecretOptionsTest {
  private static SecretOptions parsed(String... arguments) {
    SecretOptions options = new SecretOptions();
    new CommandLine(options).parseArgs(arguments);
    return options;
  }

  @Test
  void aSecretIsPrintedAndGoodForADayUnlessSomethingElseIsSaid() {
    assertThat(parsed().lifetime()).isEqualTo(Duration.ofDays(1));
    assertThat(parsed().file()).isNull();
    assertThat(parsed("--file", "here").file()).isEqualTo(Path.of("here"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 720})
  void aSecretIsGoodFromAnHourToThirtyDays(int hours) {
    assertThat(parsed("--hours", "" + hours).lifetime()).isEqualTo(Duration.ofHours(hours));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 721})
  void anyOtherTimeIsRefused(int hours) {
    SecretOptions options = parsed("--hours", "" + hours);
    assertThatThrownBy(options::lifetime)
        .isInstanceOf(Refusal.class)
        .hasMessage("--hours must be from 1 to 720, was " + hours + ".");
  }
}
