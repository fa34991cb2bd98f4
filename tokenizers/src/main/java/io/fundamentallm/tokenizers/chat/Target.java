package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.tokenizers.chat.value.Namespace;
import io.fundamentallm.tokenizers.chat.value.TemplateException;
import io.fundamentallm.tokenizers.chat.value.Values;
import java.util.List;

/** Where a value is put: a name, several at once, or an attribute of a namespace. */
@FunctionalInterface
interface Target {
  void set(Scope scope, Object value);

  static Target attribute(String namespace, String name) {
    return (scope, value) -> {
      if (scope.get(namespace) instanceof Namespace holder) {
        holder.attributes().put(name, value);
      } else {
        throw new TemplateException("'" + namespace + "' is no namespace, and cannot be changed");
      }
    };
  }

  static Target unpacked(List<Target> targets) {
    return (scope, value) -> {
      List<Object> items = Values.items(value, scope.budget());
      if (items.size() != targets.size()) {
        throw new TemplateException(
            "expected " + targets.size() + " values to unpack, got " + items.size());
      }
      for (int i = 0; i < items.size(); i++) {
        targets.get(i).set(scope, items.get(i));
      }
    };
  }
}
