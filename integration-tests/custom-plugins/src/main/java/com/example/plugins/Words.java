package com.example.plugins;

import io.fundamentallm.spi.WordLevelProvider;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The tokenizer {@code words}: words with the space before them, and every other character. */
public final class Words implements WordLevelProvider {
  private static final Pattern PIECE = Pattern.compile("(?U) ?\\w+|\\W");

  @Override
  public String name() {
    return "words";
  }

  @Override
  public List<String> cut(String text) {
    return PIECE.matcher(text).results().map(MatchResult::group).toList();
  }
}
