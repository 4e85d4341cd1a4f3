/*
 * What nobody sees in a text: control characters, what changes its direction, what hides in it or takes no room (soft
 * hyphens, fillers, joiners), and halves of surrogate pairs. What makes an emoji of a sign (U+FE0F) is left alone.
 */

/** Line feeds apart. */
export const invisible = /(?:(?!\n|\ufe0f)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}])+/gu;
/** Line feeds too. */
export const invisibleOrLineEnd = /(?:(?!\ufe0f)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}])+/gu;
