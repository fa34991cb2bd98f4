package io.fundamentallm.commandline;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A time above 0 as people write it, {@code 30s}, {@code 10m} or {@code 1h30m}, or in ISO's
 * notation.
 */
final class TimeOption implements ITypeConverter<Duration> {
  @Override
  public Duration convert(String value) {
    String time = value.strip().toUpperCase(Locale.ROOT);
    try {
      Duration parsed = Duration.parse(time.startsWith("P") ? time : "PT" + time);
      if (!parsed.isNegative() && !parsed.isZero()) {
        return parsed;
      }
    } catch (DateTimeParseException e) {
      // told below
    }
    throw new TypeConversionException("\"" + value + "\" is no time: write 30s, 10m or 2h");
  }
}
