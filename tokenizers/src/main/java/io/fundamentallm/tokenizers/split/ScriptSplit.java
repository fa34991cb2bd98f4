package io.fundamentallm.tokenizers.split;

import io.fundamentallm.tokenizers.text.TextBuffer;
import io.fundamentallm.tokenizers.unicode.Scripts;

/**
 * Cuts where the script changes; Japanese is one script and spaces belong to any. After Hugging
 * Face's unicode_scripts/pre_tokenizer.rs, which loses spaces with nothing before them.
 */
public final class ScriptSplit implements PreTokenizer {
  public static final ScriptSplit INSTANCE = new ScriptSplit();

  private static final int ANY = -1;
  private static final int HAN = Scripts.named("Han");
  private static final int HIRAGANA = Scripts.named("Hiragana");
  private static final int KATAKANA = Scripts.named("Katakana");
  private static final int UNKNOWN = Scripts.named("Unknown");

  /** In both Hiragana and Katakana words, and so of neither script. */
  private static final int PROLONGED_SOUND_MARK = 0x30FC;

  private ScriptSplit() {}

  @Override
  public void split(PreTokenizedText text) {
    text.cut(ScriptSplit::cut);
  }

  private static void cut(byte[] bytes, int from, int end, Pieces out) {
    int start = end;
    int last = ANY;
    for (int at = from; at < end; at += TextBuffer.sizeAt(bytes, at)) {
      int script = script(TextBuffer.codePointAt(bytes, at));
      if (script != ANY && script != last) {
        out.add(start, at);
        start = at;
        last = script;
      }
    }
    out.add(start, end);
  }

  private static int script(int c) {
    if (c == ' ') {
      return ANY;
    }
    if (c == PROLONGED_SOUND_MARK) {
      return HAN;
    }
    int script = Scripts.of(c);
    if (script == HIRAGANA || script == KATAKANA) {
      return HAN;
    }
    return script == UNKNOWN ? ANY : script;
  }
}
