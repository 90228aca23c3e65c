// English words of the origins whose pages may use a box, which are loaded with them.
export const words = {
  'origins': 'Pages that may print',
  'origins.text': 'A till’s page may print when its address stands here.',
  'origin.allowed': 'allowed',
  'origin.refused': 'refused',
  'origin.by.config': 'by the configuration file',
  'origin.new': 'Address of a page to allow',
  'origin.wrong': 'Write the address of the page’s server, like https://shop.example.com.',
  'origin.forget': 'Forget',
  'origin.forget.of': 'Forget {origin}',
  'origin.forget.title': 'Forget {origin}?',
  'origin.forget.text': 'Its pages cannot print until they ask again and you allow them.',
  'origin.asking': 'asks',
  'origin.by.server': 'the box’s server',
  'origin.allow.of': 'Allow {origin}',
  'origin.refuse.of': 'Refuse {origin}',
};
