package io.fundamentallm.commandline;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A time as people write it, {@code 30s}, {@code 10m} or {@code 1h30m}, or in ISO's notation. */
final class TimeOption implements ITypeConverter<Duration> {
  @Override
  public Duration convert(String value) {
    String time = value.strip().toUpperCase(Locale.ROOT);
    try {
      return Duration.parse(time.startsWith("P") ? time : "PT" + time);
    } catch (DateTimeParseException e) {
      throw new TypeConversionException("\"" + value + "\" is no time: write 30s, 10m or 2h");
    }
  }
}
