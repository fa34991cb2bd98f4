package io.fundamentallm.tokenizers.pipeline;

/**
 * A token that is looked for in the text before anything else; named as in Hugging Face's {@code
 * added_tokens}.
 *
 * @param id its id
 * @param content its written form, and what it decodes to
 * @param singleWord only where no word character is beside it
 * @param lstrip takes white space before it too
 * @param rstrip takes white space after it too
 * @param normalized looked for in the normalized text, in its normalized form
 * @param special a control signal, not text
 */
public record AddedToken(
    int id,
    String content,
    boolean singleWord,
    boolean lstrip,
    boolean rstrip,
    boolean normalized,
    boolean special) {
  /** A control token as most are: found exactly as written. */
  public static AddedToken special(int id, String content) {
    return new AddedToken(id, content, false, false, false, false, true);
  }
}
