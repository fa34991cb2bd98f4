package io.fundamentallm.tokenizers;

import io.fundamentallm.text.SpecialTokens;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds special tokens that are written out in a text: the leftmost, and where several begin at the
 * same place the longest. Immutable and thread-safe.
 */
final class SpecialForms {
  /** A special token in a text, at {@code [start, end)}. */
  record Match(int start, int end, int id) {}

  private record Form(String written, int id) {}

  /** Longest first. */
  private final List<Form> forms;

  /** The characters that any of the forms begins with. */
  private final String beginnings;

  private SpecialForms(List<Form> forms) {
    this.forms = forms;
    StringBuilder first = new StringBuilder();
    for (Form form : forms) {
      first.append(form.written.charAt(0));
    }
    beginnings = first.toString();
  }

  static SpecialForms of(TokenTable vocabulary) {
    List<Form> forms = new ArrayList<>();
    for (int id : vocabulary.special()) {
      forms.add(new Form(vocabulary.token(id), id));
    }
    forms.sort(Comparator.comparingInt((Form form) -> form.written.length()).reversed());
    return new SpecialForms(List.copyOf(forms));
  }

  /** Only those that the caller allows. */
  SpecialForms allowed(SpecialTokens allowed) {
    return new SpecialForms(
        allowed.isNone()
            ? List.of()
            : forms.stream().filter(form -> allowed.allows(form.written)).toList());
  }

  /** The next special token at or after a place, if there is one. */
  @Nullable Match next(String text, int from) {
    if (forms.isEmpty()) {
      return null;
    }
    for (int i = from; i < text.length(); i++) {
      if (beginnings.indexOf(text.charAt(i)) < 0) {
        continue;
      }
      for (Form form : forms) {
        if (text.startsWith(form.written, i)) {
          return new Match(i, i + form.written.length(), form.id);
        }
      }
    }
    return null;
  }
}
