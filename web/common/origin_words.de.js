// Deutsche Wörter der Seiten, die eine Box nutzen dürfen; sie werden mit ihnen geladen.
export const words = {
  'origins': 'Seiten, die drucken dürfen',
  'origins.text': 'Die Seite einer Kasse darf drucken, wenn ihre Adresse hier steht.',
  'origin.allowed': 'erlaubt',
  'origin.refused': 'abgelehnt',
  'origin.by.config': 'aus der Konfigurationsdatei',
  'origin.new': 'Adresse einer Seite, die erlaubt wird',
  'origin.wrong': 'Bitte die Adresse des Servers der Seite angeben, etwa https://shop.example.com.',
  'origin.forget': 'Vergessen',
  'origin.forget.of': '{origin} vergessen',
  'origin.forget.title': '{origin} vergessen?',
  'origin.forget.text': 'Ihre Seiten können erst wieder drucken, wenn sie neu fragen und Sie es erlauben.',
  'origin.asking': 'fragt',
  'origin.by.server': 'der Server der Box',
  'origin.allow.of': '{origin} erlauben',
  'origin.refuse.of': '{origin} ablehnen',
};
