/** JSON bodies. */
@NullMarked
package io.fundamentallm.webservice.json;

import org.jspecify.annotations.NullMarked;
