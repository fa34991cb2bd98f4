package io.fundamentallm.tokenizers.chat.value;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Python's {@code strftime} in the C locale. */
public final class TimeFormat {
  private TimeFormat() {}

  public static String format(String format, LocalDateTime time, TemplateBudget budget) {
    budget.spend(format.length());
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        text.append(c);
        continue;
      }
      budget.spend(TemplateBudget.FORMAT);
      char field = format.charAt(++i);
      boolean unpadded = field == '-' && i + 1 < format.length();
      if (unpadded) {
        field = format.charAt(++i);
      }
      String value = field == '%' ? "%" : field(field, time);
      text.append(unpadded ? value.replaceFirst("^[0 ]+(?=.)", "") : value);
    }
    return text.toString();
  }

  private static String field(char field, LocalDateTime time) {
    String pattern =
        switch (field) {
          case 'd' -> "dd";
          case 'e' -> "ppd";
          case 'm' -> "MM";
          case 'y' -> "yy";
          case 'Y' -> "yyyy";
          case 'b', 'h' -> "MMM";
          case 'B' -> "MMMM";
          case 'a' -> "EEE";
          case 'A' -> "EEEE";
          case 'H' -> "HH";
          case 'I' -> "hh";
          case 'M' -> "mm";
          case 'S' -> "ss";
          case 'p' -> "a";
          case 'j' -> "DDD";
          case 'F' -> "yyyy-MM-dd";
          case 'T' -> "HH:mm:ss";
          case 'D' -> "MM/dd/yy";
          case 'R' -> "HH:mm";
          default -> throw new TemplateException("unknown field %" + field + " of a date");
        };
    // the English of the United States has the C locale's names: other kinds have a "Sept"
    return DateTimeFormatter.ofPattern(pattern, Locale.US).format(time);
  }
}
