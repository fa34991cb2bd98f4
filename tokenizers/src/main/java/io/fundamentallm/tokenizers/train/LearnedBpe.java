package io.fundamentallm.tokenizers.train;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a BPE training found.
 *
 * @param forms the tokens by id as a tokenizer.json writes them: special tokens, byte tokens, the
 *     alphabet, then what the merges make
 * @param lefts the first ids of the merged pairs, in the order of the merges
 * @param rights the second ids
 * @param results the ids of what they become
 * @param specialTokens as asked for; their ids are the first ones
 * @param byteLevel whether each character of a token's form stands for a byte, as in GPT-2
 * @param continuingSubwordPrefix of the forms of tokens that continue a word, or empty
 * @param endOfWordSuffix of the forms of tokens that end a word, or empty
 * @param byteFallback whether {@code <0x00>} to {@code <0xFF>} stand behind the special tokens
 */
public record LearnedBpe(
    List<String> forms,
    int[] lefts,
    int[] rights,
    int[] results,
    List<String> specialTokens,
    boolean byteLevel,
    String continuingSubwordPrefix,
    String endOfWordSuffix,
    boolean byteFallback) {
  /** How many tokens there are. */
  public int size() {
    return forms.size();
  }

  /** How many merges there are. */
  public int merges() {
    return lefts.length;
  }

  /** A merge as merges.txt writes it: two forms. */
  public String merge(int index) {
    return forms.get(lefts[index]) + " " + forms.get(rights[index]);
  }

  /** The bytes that a token stands for, a prefix or a suffix in its form included. */
  public byte[] bytes(int id) {
    String form = forms.get(id);
    int specials = (int) specialTokens.stream().distinct().count();
    if (id < specials) {
      return form.getBytes(StandardCharsets.UTF_8);
    }
    if (byteFallback && id < specials + 256) {
      return new byte[] {(byte) (id - specials)};
    }
    return (byteLevel ? Units.BYTES : Units.CHARACTERS).bytes(form);
  }
}
