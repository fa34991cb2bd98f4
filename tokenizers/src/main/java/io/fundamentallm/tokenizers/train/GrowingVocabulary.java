package io.fundamentallm.tokenizers.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The vocabulary while it grows: written forms in the order of their ids, each of them once. */
final class GrowingVocabulary {
  private final List<String> forms = new ArrayList<>();
  private final Map<String, Integer> ids = new HashMap<>();

  int size() {
    return forms.size();
  }

  String form(int id) {
    return forms.get(id);
  }

  /** The id of a form; -1 if it has none. */
  int find(String form) {
    @Nullable Integer id = ids.get(form);
    return id == null ? -1 : id;
  }

  /** The id of a form; if it had none, the next one. */
  int add(String form) {
    @Nullable Integer id = ids.putIfAbsent(form, forms.size());
    if (id != null) {
      return id;
    }
    forms.add(form);
    return forms.size() - 1;
  }

  List<String> all() {
    return Collections.unmodifiableList(forms);
  }
}
