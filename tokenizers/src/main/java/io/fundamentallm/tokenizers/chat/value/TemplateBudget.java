package io.fundamentallm.tokenizers.chat.value;

/**
 * What one rendering may cost, so that a hostile template ends: units for each step and for each
 * character or item that a step makes or looks at. Code that iterates over something pays for it
 * first; {@link MarkedTextBuilder} pays for what is written, and a step for its result.
 */
public final class TemplateBudget {
  /** About a second; published templates spend about ten units for each character of a message. */
  public static final long MAX = 1L << 27;

  public static final int STATEMENT = 4;

  /** An iteration costs more than any other step, since it has its own variables. */
  public static final int ITERATION = 32;

  private long left;

  public TemplateBudget(long units) {
    left = units;
  }

  public void spend(long units) {
    left -= units;
    if (left < 0) {
      throw new TemplateException("the template does not come to an end");
    }
  }

  /** For each character that becomes its own string: that takes as much memory as an iteration. */
  public static final int CHARACTER = 32;

  /** For each entry that is put into a dict. */
  public static final int ENTRY = 24;

  /** For a number or a date that is written by the JDK's formats. */
  public static final int FORMAT = 256;

  /** A search that compares at most each place with all of what is looked for. */
  void spendSearch(MarkedText in, MarkedText what) {
    spend(in.length() + (long) in.length() * what.length() / 16);
  }

  /** One step and its result. */
  public void spendFor(Object made) {
    if (made instanceof MarkedText text) {
      spend(1L + text.length());
    } else if (made instanceof PythonList list) {
      spend(1L + list.size());
    } else {
      spend(1);
    }
  }
}
