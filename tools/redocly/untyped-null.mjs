// The documents say `nullable: true` on schemas without a type and mean "this, or null". kin-openapi, which checks the
// traffic, reads it the same way; the example rules of Redocly stop at the first such schema and check no example.
// So, for the linter's eyes alone, the meaning is spelled out.
export default () => ({
  id: 'untyped-null',
  preprocessors: {
    oas3: {
      'spell-out': () => ({
        Schema: {
          enter(schema) {
            if (schema.nullable !== true || schema.type !== undefined) return;
            const { allOf, oneOf, anyOf } = schema;
            if (oneOf || anyOf) return;
            delete schema.nullable; // without any type, null is as good as any other value
            if (!allOf) return;
            delete schema.allOf;
            schema.anyOf = [allOf.length === 1 ? allOf[0] : { allOf }, { type: 'string', nullable: true, enum: [null] }];
          },
        },
      }),
    },
  },
});
