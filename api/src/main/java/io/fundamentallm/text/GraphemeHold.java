package io.fundamentallm.text;

import io.fundamentallm.internal.buffers.LongHistory;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Holds back the last extended grapheme cluster of Unicode Standard Annex 29 until the next one
 * begins, because more of it may follow.
 */
final class GraphemeHold implements TextLayer {
  /**
   * The longest cluster to wait for. Otherwise text with heaps of combining marks would be held
   * forever, and searched again at every token. Twice the 30 code points that the Stream-Safe Text
   * Format of Unicode Standard Annex 15 allows; the longest emoji has 14 code points.
   */
  private static final int LONGEST = 64;

  /** Indic_Conjunct_Break=Consonant of Unicode 15.1. */
  private static final String CONSONANT =
      "[\\u0915-\\u0939\\u0958-\\u095F\\u0978-\\u097F" // Devanagari
          + "\\u0995-\\u09A8\\u09AA-\\u09B0\\u09B2\\u09B6-\\u09B9" // Bengali
          + "\\u09DC\\u09DD\\u09DF\\u09F0\\u09F1"
          + "\\u0A95-\\u0AA8\\u0AAA-\\u0AB0\\u0AB2\\u0AB3\\u0AB5-\\u0AB9\\u0AF9" // Gujarati
          + "\\u0B15-\\u0B28\\u0B2A-\\u0B30\\u0B32\\u0B33\\u0B35-\\u0B39" // Oriya
          + "\\u0B5C\\u0B5D\\u0B5F\\u0B71"
          + "\\u0C15-\\u0C28\\u0C2A-\\u0C39\\u0C58-\\u0C5A" // Telugu
          + "\\u0D15-\\u0D3A]"; // Malayalam

  /** Indic_Conjunct_Break=Linker of Unicode 15.1: the viramas of these scripts. */
  private static final String LINKER = "[\\u094D\\u09CD\\u0ACD\\u0B4D\\u0C4D\\u0D4D]";

  /** What may be between them; limiting how many makes a look-behind possible. */
  private static final String BETWEEN = "[\\u200D\\p{Mn}]{0,8}";

  /**
   * A cluster. Rule GB9c, that a virama joins the consonants around it, came with Unicode 15.1. JDK
   * 17 does not know it, so it is repeated here. The number of joins is limited because the regular
   * expression's loop is a recursion.
   */
  private static final Pattern CLUSTER =
      Pattern.compile(
          "\\X(?:(?<="
              + (CONSONANT + BETWEEN + LINKER + BETWEEN)
              + ")(?="
              + CONSONANT
              + ")\\X){0,20}");

  /** What is held back after each token. */
  private final List<String> heldAfter;

  GraphemeHold() {
    this(new ArrayList<>());
  }

  private GraphemeHold(List<String> heldAfter) {
    this.heldAfter = heldAfter;
  }

  @Override
  public String append(String piece) {
    String text = held() + piece;
    int release = piece.isEmpty() ? 0 : text.length() - lastCluster(text);
    heldAfter.add(text.substring(release));
    return text.substring(0, release);
  }

  @Override
  public String finish(String last) {
    return held() + last;
  }

  private String held() {
    return heldAfter.isEmpty() ? "" : heldAfter.get(heldAfter.size() - 1);
  }

  /** The length of the last cluster, 0 when nothing can join it or it is too long to wait for. */
  private static int lastCluster(String text) {
    if (text.endsWith("\n")) {
      return 0;
    }
    Matcher clusters = CLUSTER.matcher(text);
    int last = 0;
    while (clusters.find()) {
      last = clusters.end() - clusters.start();
    }
    return last > LONGEST ? 0 : last;
  }

  @Override
  public TextLayer fork() {
    return new GraphemeHold(new ArrayList<>(heldAfter));
  }

  @Override
  public void rollback(int tokens) {
    LongHistory.checkRollback(tokens, heldAfter.size());
    heldAfter.subList(heldAfter.size() - tokens, heldAfter.size()).clear();
  }
}
