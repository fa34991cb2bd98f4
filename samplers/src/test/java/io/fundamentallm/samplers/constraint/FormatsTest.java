package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.fundamentallm.decoding.TokenConstraint;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is written by a {@code format} can be read by those who know the format. */
class FormatsTest {
  private static final int TEXTS = 2_000;

  private static final Pieces DIGITS =
      Pieces.of(
          "\"", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "-", ":", "T", "Z", "+", ".",
          "00", "23", "59", "60", "000", "a", "B", "f");

  private static final Map<String, Consumer<String>> READERS =
      Map.of(
          "date",
          LocalDate::parse,
          "time",
          OffsetTime::parse,
          "date-time",
          text -> {
            OffsetDateTime.parse(text);
            Instant.parse(text);
            DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text);
          },
          "uuid",
          UUID::fromString);

  private static String schema(String format) {
    return "{\"type\":\"string\",\"format\":\"" + format + "\"}";
  }

  @ParameterizedTest
  @CsvSource({"date", "time", "date-time", "uuid"})
  void texts_drawn_at_random_are_read_by_java_and_by_a_validator(String format) {
    TokenConstraint constraint =
        Bound.of(
            Bound.stage("json-schema", schema(format)), DIGITS, DIGITS.end() + 1, DIGITS.end());
    var validator =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(schema(format));
    Random random = new Random(9);
    for (int i = 0; i < TEXTS; i++) {
      String quoted = RandomTexts.text(constraint, DIGITS, random);
      String text = quoted.substring(1, quoted.length() - 1);
      assertThatNoException()
          .as("%s %s", format, text)
          .isThrownBy(() -> READERS.get(format).accept(text));
      assertThat(
              validator.validate(
                  quoted,
                  InputFormat.JSON,
                  context ->
                      context.executionConfig(config -> config.formatAssertionsEnabled(true))))
          .as("%s %s", format, text)
          .isEmpty();
    }
  }

  @Test
  void the_ends_of_each_range() {
    for (String date : List.of("0001-01-01", "9999-12-31", "0004-02-29", "0400-02-29")) {
      assertThat(accepts("date", date)).as(date).isTrue();
    }
    for (String date : List.of("0000-01-01", "0000-02-29", "0100-02-29", "0001-02-29")) {
      assertThat(accepts("date", date)).as(date).isFalse();
    }
    for (String time :
        List.of(
            "23:59:59.999999999Z",
            "00:00:00+18:00",
            "00:00:00-18:00",
            "12:30:45-17:59",
            "00:00:00-00:01")) {
      assertThat(accepts("time", time)).as(time).isTrue();
      assertThat(accepts("date-time", "2024-02-29T" + time)).as(time).isTrue();
    }
    for (String time :
        List.of("23:59:60Z", "24:00:00Z", "00:00:00+18:01", "00:00:00-19:00", "00:00:00-00:00")) {
      assertThat(accepts("time", time)).as(time).isFalse();
      assertThat(accepts("date-time", "2024-02-29T" + time)).as(time).isFalse();
    }
    assertThat(accepts("date-time", "0000-12-31T00:00:00Z")).isFalse();
  }

  private static boolean accepts(String format, String text) {
    return Bound.accepts(Bound.bytes("json-schema", schema(format)), "\"" + text + "\"");
  }
}
