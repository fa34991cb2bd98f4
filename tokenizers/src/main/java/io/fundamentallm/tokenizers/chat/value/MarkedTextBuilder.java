package io.fundamentallm.tokenizers.chat.value;

import java.util.BitSet;

/** Assembles marked text, up to its greatest length, and pays for each character. */
public final class MarkedTextBuilder {
  private final TemplateBudget budget;
  private final StringBuilder text = new StringBuilder();
  private final BitSet marks = new BitSet();
  private final BitSet generated = new BitSet();

  public MarkedTextBuilder(TemplateBudget budget) {
    this.budget = budget;
  }

  public TemplateBudget budget() {
    return budget;
  }

  public MarkedTextBuilder append(MarkedText more) {
    int start = grow(more.text());
    BitSet moreMarks = more.marks();
    for (int from = moreMarks.nextSetBit(0); from >= 0; ) {
      int to = moreMarks.nextClearBit(from);
      marks.set(start + from, start + to);
      from = moreMarks.nextSetBit(to);
    }
    return this;
  }

  public MarkedTextBuilder append(String more, boolean marked) {
    int start = grow(more);
    if (marked) {
      marks.set(start, text.length());
    }
    return this;
  }

  /** Appends text of the template itself. */
  public MarkedTextBuilder append(String more) {
    return append(more, false);
  }

  /** UTF-16 units so far. */
  public int length() {
    return text.length();
  }

  /** Marks what was appended since the text had this length as what an assistant generates. */
  public void markGenerated(int from) {
    generated.set(from, text.length());
  }

  /** What an assistant generates. */
  public BitSet generated() {
    return generated;
  }

  private int grow(String more) {
    int start = text.length();
    budget.spend(1L + more.length());
    if (more.length() > MarkedText.LONGEST - start) {
      throw new TemplateException("text longer than " + MarkedText.LONGEST + " characters");
    }
    text.append(more);
    return start;
  }

  /** May be called once: the marks are handed over. */
  public MarkedText build() {
    return new MarkedText(text.toString(), marks);
  }
}
