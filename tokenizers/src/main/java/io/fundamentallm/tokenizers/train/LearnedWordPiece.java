package io.fundamentallm.tokenizers.train;

import java.util.List;

/**
 * What a WordPiece training found.
 *
 * @param forms the tokens by id: special tokens, the alphabet, and what was merged
 * @param specialTokens as asked for; their ids are the first ones
 * @param continuingSubwordPrefix of the forms of tokens that continue a word
 */
public record LearnedWordPiece(
    List<String> forms, List<String> specialTokens, String continuingSubwordPrefix) {
  /** How many tokens there are. */
  public int size() {
    return forms.size();
  }
}
