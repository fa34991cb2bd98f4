package io.fundamentallm.tokenizers.chat.value;

import java.util.List;

/** {@code "%s of %d" % values}: no widths and no precisions. */
public final class PercentFormat {
  private PercentFormat() {}

  public static MarkedText format(MarkedText format, Object values, TemplateBudget budget) {
    List<Object> arguments =
        values instanceof PythonList list && list.isTuple() ? list : List.of(values);
    MarkedTextBuilder out = new MarkedTextBuilder(budget);
    int next = 0;
    int plain = 0;
    for (int i = format.text().indexOf('%'); i >= 0; i = format.text().indexOf('%', plain)) {
      out.append(format.part(plain, i));
      char conversion = i + 1 < format.length() ? format.text().charAt(i + 1) : ' ';
      if (conversion == '%') {
        out.append(format.part(i, i + 1));
      } else if (conversion != 's' && conversion != 'd') {
        throw new TemplateException("unsupported format '%" + conversion + "'");
      } else if (next >= arguments.size()) {
        throw new TemplateException("not enough arguments for format string");
      } else {
        Object value = arguments.get(next++);
        out.append(
            PythonFormat.str(conversion == 'd' ? (Object) Values.integer(value) : value, budget));
      }
      plain = i + 2;
    }
    if (next < arguments.size()) {
      throw new TemplateException("not all arguments converted during string formatting");
    }
    return out.append(format.part(Math.min(plain, format.length()), format.length())).build();
  }
}
