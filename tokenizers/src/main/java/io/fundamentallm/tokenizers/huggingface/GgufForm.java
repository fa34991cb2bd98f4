package io.fundamentallm.tokenizers.huggingface;

import io.fundamentallm.tokenizers.gguf.section.GgufCuts;
import io.fundamentallm.tokenizers.gguf.section.GgufSection;
import io.fundamentallm.tokenizers.gguf.section.GgufTokenizer;
import io.fundamentallm.tokenizers.json.JsonTree;
import io.fundamentallm.tokenizers.model.PairTable;
import io.fundamentallm.tokenizers.model.Symbols;
import io.fundamentallm.tokenizers.pipeline.AddedToken;
import io.fundamentallm.tokenizers.pipeline.Pipeline;
import io.fundamentallm.tokenizers.pipeline.TokenForms;
import io.fundamentallm.tokenizers.split.PreTokenizedText;
import io.fundamentallm.tokenizers.text.NormalizationForm;
import io.fundamentallm.tokenizers.text.TextBuffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A {@code tokenizer.json} as llama.cpp's converter writes it into a GGUF file. */
final class GgufForm {
  private static final char MARK = '\u2581';
  private static final int BYTES = 256;

  private final Pipeline parts;
  private final TokenForms forms;
  private final JsonTree components;
  private final JsonTree settings;
  private final Models.Built model;
  private final BitSet inModel;

  private GgufForm(
      Pipeline parts, JsonTree components, JsonTree settings, Models.Built model, BitSet inModel) {
    this.parts = parts;
    this.forms = parts.forms();
    this.components = components;
    this.settings = settings;
    this.model = model;
    this.inModel = inModel;
  }

  /**
   * Converts one.
   *
   * @param components of the file, without added tokens and model
   * @param settings of the model, without vocabulary and merges
   * @param inModel ids in the model's own vocabulary
   */
  static GgufTokenizer of(
      Pipeline parts,
      JsonTree components,
      JsonTree settings,
      Models.Built model,
      BitSet inModel,
      List<AddedToken> added,
      @Nullable String chatTemplate)
      throws IOException {
    GgufForm form = new GgufForm(parts, components, settings, model, inModel);
    GgufSection section = form.section();
    for (AddedToken token : added) {
      boolean control = token.special() || parts.forms().special().contains(token.id());
      section.token(
          token.id(),
          token.content(),
          control ? GgufTokenizer.CONTROL : GgufTokenizer.USER_DEFINED);
    }
    form.finish(section);
    section.chatTemplate(chatTemplate);
    return section.build();
  }

  private UnsupportedOperationException unsupported(String what) {
    return new UnsupportedOperationException(
        "llama.cpp has no tokenizers like this " + parts.description() + ": " + what);
  }

  private GgufSection section() throws IOException {
    PairTable merges = model.merges();
    if (merges != null) {
      for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
        String text = settings.get(affix).textOrNull();
        if (text != null && !text.isEmpty()) {
          throw unsupported("its tokens are marked where words end or continue");
        }
      }
      boolean bytes = settings.get("byte_fallback").flag(false);
      return bytes ? marked(merges) : byteLevel(merges);
    }
    if (model.scores() != null) {
      return unigram(model.scores());
    }
    String prefix = settings.get("continuing_subword_prefix").textOrNull();
    if (prefix != null && prefix.equals("##")) {
      return wordPiece(prefix);
    }
    if (parts.model() instanceof Symbols && parts.normalizer() == null) {
      return characters();
    }
    throw unsupported("it has neither merges nor scores");
  }

  /**
   * Characters are the likeliest pieces where there are no others. Several unknown ones in a row
   * are one token there.
   */
  private GgufSection characters() {
    if (forms.unk().isEmpty()) {
      throw unsupported(
          "it has no token for unknown characters; one that is learned as character(unknown=unk),"
              + " byte or bpe can be written");
    }
    if (forms.id(" ").isPresent() && forms.id(String.valueOf(MARK)).isPresent()) {
      throw unsupported("it tells spaces from U+2581");
    }
    GgufSection section = new GgufSection("t5", forms.size(), true);
    for (int id = inModel.nextSetBit(0); id >= 0; id = inModel.nextSetBit(id + 1)) {
      section.token(id, forms.token(id).replace(' ', MARK), GgufTokenizer.NORMAL);
    }
    section.set("add_space_prefix", false);
    section.set("remove_extra_whitespaces", false);
    return section;
  }

  /** All tokens of the model itself. */
  private GgufSection plain(String kind, boolean scored) {
    GgufSection section = new GgufSection(kind, forms.size(), scored);
    for (int id = inModel.nextSetBit(0); id >= 0; id = inModel.nextSetBit(id + 1)) {
      section.token(id, forms.token(id), GgufTokenizer.NORMAL);
    }
    return section;
  }

  private GgufSection byteLevel(PairTable merges) throws IOException {
    if (!forms.byteLevel()) {
      throw unsupported("its merges are of characters, without bytes for unknown ones");
    }
    boolean nfc = parts.normalizer() == NormalizationForm.NFC;
    if (parts.normalizer() != null && !nfc) {
      throw unsupported("it changes text before it cuts it");
    }
    GgufSection section = plain("gpt2", false);
    boolean whole = settings.get("ignore_merges").flag(false);
    // single bytes are the same tokens wherever text is cut
    section.pre(merges.size() == 0 && !whole ? "gpt-2" : GgufCuts.name(this::cut, nfc, whole));
    List<String> pairs = new ArrayList<>();
    int[] ranked = merges.ranked();
    for (int i = 0; i < ranked.length; i += 2) {
      if (ranked[i] >= 0) {
        pairs.add(forms.token(ranked[i]) + " " + forms.token(ranked[i + 1]));
      }
    }
    section.merges(pairs);
    return section;
  }

  private void cut(PreTokenizedText text) {
    if (parts.preTokenizer() != null) {
      parts.preTokenizer().split(text);
    }
  }

  /**
   * SentencePiece's BPE: what may be merged follows from the pieces, and what is merged first from
   * their scores. Merges say the same if they are all that the pieces allow, piece by piece.
   */
  private GgufSection marked(PairTable merges) {
    GgufSection section = plain("llama", true);
    prefix(section);
    bytes(section);
    Map<String, Integer> ids = new HashMap<>();
    for (int id = inModel.nextSetBit(0); id >= 0; id = inModel.nextSetBit(id + 1)) {
      ids.put(forms.token(id), id);
    }
    int[] ranked = merges.ranked();
    Set<Integer> begun = new HashSet<>();
    int previous = -1;
    int count = 0;
    for (int i = 0; i < ranked.length; i += 2) {
      Integer product =
          ranked[i] < 0 ? null : ids.get(forms.token(ranked[i]) + forms.token(ranked[i + 1]));
      if (product == null) {
        continue;
      }
      count++;
      if (product != previous && !begun.add(product)) {
        throw unsupported("its merges are in no order of its pieces");
      }
      section.score(product, 1 - begun.size());
      previous = product;
    }
    for (int id : begun) {
      count -= splits(forms.token(id), ids);
    }
    if (count != 0) {
      throw unsupported("its merges are not all that its pieces allow");
    }
    return section;
  }

  /** In how many ways a piece is two pieces. */
  private static int splits(String piece, Map<String, Integer> ids) {
    int splits = 0;
    for (int i = piece.offsetByCodePoints(0, 1); i < piece.length(); ) {
      if (ids.containsKey(piece.substring(0, i)) && ids.containsKey(piece.substring(i))) {
        splits++;
      }
      i = piece.offsetByCodePoints(i, 1);
    }
    return splits;
  }

  private void bytes(GgufSection section) {
    int found = 0;
    for (int b = 0; b < BYTES; b++) {
      String form = String.format("<0x%02X>", b);
      int id = forms.id(form).orElse(-1);
      if (id >= 0) {
        section.token(id, form, GgufTokenizer.BYTE);
        found++;
      }
    }
    if (found < BYTES) {
      throw unsupported("it does not have all bytes");
    }
    if (forms.unk().isEmpty()) {
      throw unsupported("it has no token for what is unknown");
    }
  }

  private GgufSection unigram(double[] scores) throws IOException {
    JsonTree normalizer = components.get("normalizer");
    boolean mapped = !normalizer.isNull() && normalizer.get("type").text().equals("Precompiled");
    if (!normalizer.isNull() && !mapped) {
      throw unsupported("it changes text by rules other than those of SentencePiece");
    }
    GgufSection section = plain("t5", true);
    for (int id = 0; id < scores.length; id++) {
      section.score(id, (float) scores[id]);
    }
    if (mapped) {
      String encoded = normalizer.get("precompiled_charsmap").text();
      section.replacements(Base64.getDecoder().decode(encoded));
    }
    prefix(section);
    section.set("remove_extra_whitespaces", !marked("a  b").contains("" + MARK + MARK));
    return section;
  }

  /** Finds out what is put before a text, if the text is otherwise as SentencePiece has it. */
  private void prefix(GgufSection section) {
    String seen = marked("a b");
    boolean prefix = seen.charAt(0) == MARK;
    if (!seen.equals((prefix ? MARK + "a" : "a") + MARK + "b")) {
      throw unsupported("it changes text by rules other than those of SentencePiece");
    }
    section.set("add_space_prefix", prefix);
  }

  /** A text as the model sees it. */
  private String marked(String text) {
    TextBuffer in = new TextBuffer();
    in.add(text, 0, text.length(), 0);
    PreTokenizedText seen = new PreTokenizedText();
    if (parts.normalizer() == null) {
      seen.text().add(in, 0, in.length());
    } else {
      parts.normalizer().normalize(in, seen.text());
    }
    seen.begin(true);
    cut(seen);
    StringBuilder pieces = new StringBuilder();
    for (int i = 0; i < seen.pieces().count(); i++) {
      int start = seen.pieces().start(i);
      pieces.append(
          new String(
              seen.text().bytes(), start, seen.pieces().end(i) - start, StandardCharsets.UTF_8));
    }
    return pieces.toString();
  }

  private GgufSection wordPiece(String prefix) {
    GgufSection section = new GgufSection("bert", forms.size(), false);
    for (int id = inModel.nextSetBit(0); id >= 0; id = inModel.nextSetBit(id + 1)) {
      String form = forms.token(id);
      boolean bracketed = form.startsWith("[") && form.endsWith("]");
      boolean continues = form.startsWith(prefix);
      section.token(
          id,
          bracketed ? form : continues ? form.substring(prefix.length()) : MARK + form,
          GgufTokenizer.NORMAL);
    }
    return section;
  }

  private void finish(GgufSection section) {
    section.roles(forms);
    section.set("add_bos_token", parts.added(false) >= 0);
    section.set("add_eos_token", parts.added(true) >= 0);
    int unknown = forms.unk().orElse(-1);
    if (unknown >= 0) {
      section.token(unknown, forms.token(unknown), GgufTokenizer.UNKNOWN);
    }
  }
}
