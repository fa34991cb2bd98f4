package io.fundamentallm.tokenizers.chat.value;

import io.fundamentallm.text.ChatSegment;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A string of the template language that knows which of its characters came from a message. When
 * the template cuts, joins or repeats a message, the marks follow the characters. Two texts are
 * equal if their characters are; they have an order so that a dict finds its keys fast even if
 * their hashes are all the same. Their hashes differ from one process to the next: keys of other
 * types have no order with texts, and this way nobody can choose some with the same hash.
 * Immutable.
 */
public final class MarkedText implements Comparable<MarkedText> {
  /** Far more than fits any model's context: 4 million tokens of 4 characters. */
  static final int LONGEST = 1 << 24;

  private static final int SALT = new SecureRandom().nextInt() | 1;

  private static final BitSet NO_MARKS = new BitSet(0);

  public static final MarkedText EMPTY = of("");

  private final String text;
  private final BitSet marks; // never written to

  /** The marks are not copied. */
  MarkedText(String text, BitSet marks) {
    this.text = text;
    this.marks = marks;
  }

  /** Text from the template. */
  public static MarkedText of(String text) {
    return new MarkedText(text, NO_MARKS);
  }

  /** Text from a message. */
  public static MarkedText ofMessage(String text) {
    BitSet marks = new BitSet(text.length());
    marks.set(0, text.length());
    return new MarkedText(text, marks);
  }

  public String text() {
    return text;
  }

  /** UTF-16 units. */
  public int length() {
    return text.length();
  }

  public boolean isEmpty() {
    return text.isEmpty();
  }

  BitSet marks() {
    return marks;
  }

  public boolean isMarked(int index) {
    return marks.get(index);
  }

  public boolean hasMarks() {
    return !marks.isEmpty();
  }

  public MarkedText part(int from, int to) {
    return from == 0 && to == text.length()
        ? this
        : new MarkedText(text.substring(from, to), hasMarks() ? marks.get(from, to) : NO_MARKS);
  }

  public MarkedText plus(MarkedText other, TemplateBudget budget) {
    if (isEmpty()) {
      return other;
    }
    return other.isEmpty()
        ? this
        : new MarkedTextBuilder(budget).append(this).append(other).build();
  }

  /** The text after a change of case: marks stay in place unless characters moved. */
  MarkedText withText(String changed) {
    if (!hasMarks()) {
      return of(changed);
    }
    return changed.length() == text.length() ? new MarkedText(changed, marks) : ofMessage(changed);
  }

  /** Code points, which is what Python counts. */
  public int codePoints() {
    return text.codePointCount(0, text.length());
  }

  /** One text for each code point. */
  List<Object> characters(TemplateBudget budget) {
    budget.spend((long) TemplateBudget.CHARACTER * text.length());
    if (text.length() > PythonList.LONGEST) {
      throw new TemplateException("too long to take apart: " + text.length() + " characters");
    }
    List<Object> characters = new ArrayList<>(text.length());
    for (int i = 0; i < text.length(); ) {
      int next = text.offsetByCodePoints(i, 1);
      characters.add(part(i, next));
      i = next;
    }
    return characters;
  }

  public List<ChatSegment> segments() {
    List<ChatSegment> segments = new ArrayList<>();
    for (int from = 0; from < text.length(); ) {
      boolean marked = marks.get(from);
      int to = marked ? marks.nextClearBit(from) : marks.nextSetBit(from);
      if (to < 0 || to > text.length()) {
        to = text.length();
      }
      segments.add(new ChatSegment(text.substring(from, to), marked));
      from = to;
    }
    return segments;
  }

  /** The segments, cut where an assistant begins and ends to generate. */
  public List<ChatSegment> segments(BitSet generated) {
    List<ChatSegment> segments = new ArrayList<>();
    for (int from = 0; from < text.length(); ) {
      boolean marked = marks.get(from);
      boolean written = generated.get(from);
      int to = from + 1;
      while (to < text.length() && marks.get(to) == marked && generated.get(to) == written) {
        to++;
      }
      segments.add(new ChatSegment(text.substring(from, to), marked, written));
      from = to;
    }
    return segments;
  }

  @Override
  public int compareTo(MarkedText other) {
    return text.compareTo(other.text);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MarkedText that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode() ^ SALT;
  }

  @Override
  public String toString() {
    return text;
  }
}
