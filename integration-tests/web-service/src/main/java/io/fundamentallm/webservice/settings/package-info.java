/** What the operator sets, and how the start fails. */
@NullMarked
package io.fundamentallm.webservice.settings;

import org.jspecify.annotations.NullMarked;
